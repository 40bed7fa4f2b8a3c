-- Posts prepared multipart bodies in turn. BODIES names their folder, COUNT how many there are (000.body, 001.body, …).
-- No response() here: with it, wrk would copy every answer into Lua. What is not 2xx is counted all the same.
local requests, turn = {}, 0

function init()
  local headers = { ["Content-Type"] = "multipart/form-data; boundary=" .. os.getenv("BOUNDARY") }
  for index = 0, tonumber(os.getenv("COUNT")) - 1 do
    local file = assert(io.open(string.format("%s/%03d.body", os.getenv("BODIES"), index), "rb"))
    requests[#requests + 1] = wrk.format("POST", "/predict", headers, file:read("*a"))
    file:close()
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d, "processorSeconds": %f}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, os.clock()))
end
