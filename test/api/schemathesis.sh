#!/bin/sh
# Throws generated calls at a running service: sh test/api/schemathesis.sh http://127.0.0.1:8000/
# Needs test/api/requirements.txt. One worker: with more, Python 3.11 itself fails while schemathesis reads its own source.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
document="${1%/}/openapi.json"
# It leaves its cache where it runs.
cd "$(mktemp -d)"
schemathesis --config-file "$here/schemathesis.toml" run "$document" \
  --checks all --phases examples,coverage,fuzzing --max-examples "${MAX_EXAMPLES:-50}"
schemathesis --config-file "$here/schemathesis-stateful.toml" run "$document" \
  --checks all --phases stateful --max-examples "${MAX_EXAMPLES:-25}"
