"""FastAPI, uvicorn, onnxruntime and Pillow, as their documentation shows them.

Environment: PORT, MODEL (network.onnx: uint8 RGB in, so that Python has nothing to normalise), LABELS (a JSON list of
{"wnid", "label"}), and what `bench/search.ts` looks for the best of: WORKERS processes, INTRA_OP threads of the network,
HANDLER "sync" (in FastAPI's thread pool) or "async" (on the event loop), SPINNING of the network's threads, THREADS of the pool.
DRAFT=1 lets Pillow shrink a large JPEG while decoding, which few think of.
"""

import json
import os
from contextlib import asynccontextmanager

import anyio.to_thread
import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI, File, UploadFile
from PIL import Image
from pydantic import BaseModel

SIDE = 224
DRAFT = os.environ.get("DRAFT") == "1"


class Prediction(BaseModel):
    label: str
    score: float


def open_session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("INTRA_OP", "1"))
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", os.environ.get("SPINNING", "1"))
    return onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])


session = open_session()
with open(os.environ["LABELS"], encoding="utf-8") as file:
    labels = [entry["label"] for entry in json.load(file)]


def classify(upload: UploadFile) -> list[Prediction]:
    image = Image.open(upload.file)
    if DRAFT:
        image.draft("RGB", (2 * SIDE, 2 * SIDE))
    pixels = np.asarray(image.convert("RGB").resize((SIDE, SIDE)))
    (scores,) = session.run(["probabilities"], {"image": pixels[np.newaxis]})
    best = np.argsort(scores[0])[::-1][:3]
    return [Prediction(label=labels[index], score=float(scores[0][index])) for index in best]


@asynccontextmanager
async def lifespan(_: FastAPI):
    threads = os.environ.get("THREADS")
    if threads:
        anyio.to_thread.current_default_thread_limiter().total_tokens = int(threads)
    yield


app = FastAPI(lifespan=lifespan)

if os.environ.get("HANDLER", "sync") == "sync":

    @app.post("/predict")
    def predict(file: UploadFile = File()) -> list[Prediction]:
        return classify(file)

else:

    @app.post("/predict")
    async def predict(file: UploadFile = File()) -> list[Prediction]:
        return classify(file)


if __name__ == "__main__":
    uvicorn.run(
        "server:app",
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        workers=int(os.environ.get("WORKERS", "1")),
        access_log=False,
        log_level="warning",
    )
