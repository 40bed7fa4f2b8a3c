"""The original service's design for long tasks: a web server hands images to Celery's workers by Redis, and reads results from Redis.

With settings that lose least. Environment: REDIS_PORT, SERIALIZER "json" (bytes in base64) or "pickle".
"""

import io
import os

from celery import Celery
from celery.signals import worker_process_init
from classify import classify as classify_file
from classify import open_session

redis = f"redis://127.0.0.1:{os.environ['REDIS_PORT']}"
serializer = os.environ.get("SERIALIZER", "json")
restore = ["unacked_restore_interval", "unacked_restore_throttle"]

app = Celery("tasks", broker=f"{redis}/0", backend=f"{redis}/1")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_serializer=serializer,
    accept_content=["json", serializer],
    # Messages of lost workers come back after 30 s and are looked for each second: by default, an hour and 100 s.
    broker_transport_options={"visibility_timeout": 30, **dict.fromkeys(restore, 1)},
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_cancel_long_running_tasks_on_connection_loss=False,
)


@worker_process_init.connect
def load(**_):
    open_session()


@app.task
def classify(image: bytes):
    return classify_file(io.BytesIO(image))
