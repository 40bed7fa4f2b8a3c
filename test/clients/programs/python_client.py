"""Labels a picture by a client of openapi-python-client: python_client.py ADDRESS PICTURE"""
import json
import sys
from io import BytesIO

import httpx
from label_on_upload_client import Client
from label_on_upload_client.api.classify import create_upload, predict
from label_on_upload_client.api.jobs import get_status
from label_on_upload_client.api.service import get_labels, get_model
from label_on_upload_client.models import Job, Label, PredictFilesBody, PredictRequest, Problem, Upload, UploadRequest
from label_on_upload_client.types import File

address, picture = sys.argv[1:]
client = Client(base_url=address.rstrip("/"), timeout=httpx.Timeout(30))
image = open(picture, "rb").read()


def form(content: bytes) -> PredictFilesBody:
    return PredictFilesBody(file=File(payload=BytesIO(content), file_name="photo.jpg", mime_type="image/jpeg"))


def labels_of(body: PredictFilesBody | File | PredictRequest) -> list[Label]:
    answer = predict.sync(client=client, body=body, top=2)
    assert isinstance(answer, list), answer
    return answer


predictions = labels_of(form(image))
assert labels_of(File(payload=BytesIO(image))) == predictions

upload = create_upload.sync(client=client, body=UploadRequest(content_type="image/jpeg"))
assert isinstance(upload, Upload), upload
httpx.post(upload.upload.url, data=upload.upload.fields.to_dict(), files={"file": image}).raise_for_status()
job = get_status.sync(upload.id, client=client, wait=20)
assert isinstance(job, Job), job

problem = predict.sync(client=client, body=form(b"Milk, bread"))
assert isinstance(problem, Problem), problem
print(json.dumps({
    "predictions": [label.to_dict() for label in predictions],
    "status": job.status,
    "best": job.predictions[0].label,
    "classes": get_model.sync(client=client).classes,
    "labels": len(get_labels.sync(client=client)),
    "problem": [problem.status, problem.code],
}))
