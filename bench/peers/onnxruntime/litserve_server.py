"""LitServe around `classify.py`, as its documentation shows it for images.

Environment: PORT, WORKERS (`workers_per_device`), API_SERVERS, MAX_BATCH and BATCH_TIMEOUT (seconds), FAST_QUEUE.
"""

import os

import litserve as ls
from classify import classify, open_session

MAX_BATCH = int(os.environ.get("MAX_BATCH", "1"))


class Classifier(ls.LitAPI):
    def setup(self, device: str) -> None:
        open_session()

    def decode_request(self, request):
        return request["file"].file

    def predict(self, given):
        """The graph takes one image: a batch only saves hand-overs."""
        return [classify(file) for file in given] if MAX_BATCH > 1 else classify(given)

    def encode_response(self, output):
        return output


if __name__ == "__main__":
    api = Classifier(max_batch_size=MAX_BATCH, batch_timeout=float(os.environ.get("BATCH_TIMEOUT", "0")))
    workers = int(os.environ.get("WORKERS", "2"))
    fast_queue = os.environ.get("FAST_QUEUE") == "1"
    server = ls.LitServer(api, accelerator="cpu", workers_per_device=workers, fast_queue=fast_queue)
    server.run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        num_api_servers=int(os.environ.get("API_SERVERS", "1")),
        log_level="warning",
        generate_client_file=False,
        access_log=False,
    )
