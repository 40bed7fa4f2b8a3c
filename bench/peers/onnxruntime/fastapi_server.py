"""FastAPI and uvicorn around `classify.py`.

Environment: PORT, WORKERS processes, HANDLER "sync" (in FastAPI's thread pool) or "async" (on the event loop), THREADS of that pool.
"""

import os
from contextlib import asynccontextmanager

import anyio.to_thread
import uvicorn
from classify import classify, open_session
from fastapi import FastAPI, File, UploadFile
from pydantic import BaseModel


class Prediction(BaseModel):
    label: str
    score: float


@asynccontextmanager
async def lifespan(_: FastAPI):
    open_session()
    if "THREADS" in os.environ:
        anyio.to_thread.current_default_thread_limiter().total_tokens = int(os.environ["THREADS"])
    yield


app = FastAPI(lifespan=lifespan)

def predict(file: UploadFile = File()) -> list[Prediction]:
    return [Prediction(**entry) for entry in classify(file.file)]


async def predict_on_loop(file: UploadFile = File()) -> list[Prediction]:
    return predict(file)


app.post("/predict")(predict_on_loop if os.environ.get("HANDLER") == "async" else predict)

if __name__ == "__main__":
    uvicorn.run(
        "fastapi_server:app",
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        workers=int(os.environ.get("WORKERS", "1")),
        access_log=False,
        log_level="warning",
    )
