"""The web server before Celery: `POST /predict` waits for the labels, or answers with an id at once for `Prefer: respond-async`;
`GET /status/{id}` tells what became of it. PORT names the port.
"""

import os

import uvicorn
from celery_tasks import app as celery
from celery_tasks import classify
from fastapi import FastAPI, File, Header, Response, UploadFile

app = FastAPI()
names = {"SUCCESS": "succeeded", "FAILURE": "failed"}


@app.post("/predict")
def predict(response: Response, file: UploadFile = File(), prefer: str = Header("")):
    task = classify.delay(file.file.read())
    if prefer != "respond-async":
        return task.get(timeout=30)
    response.status_code = 202
    return {"id": task.id}


@app.get("/status/{task_id}")
def status(task_id: str):
    meta = celery.backend.get_task_meta(task_id)
    state = meta["status"]
    return {"status": names.get(state, "pending"), "finishedAt": meta.get("date_done") if state in names else None}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning")
