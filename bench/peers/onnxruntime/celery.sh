#!/bin/sh
# Redis, Celery's worker with its processes, and the web server; each is started again when it ends, as a supervisor would.
# Environment: PORT, REDIS_PORT, DATA_DIR, PYTHON, WORKERS processes, APPENDONLY yes or no.
forever() { while :; do "$@"; sleep 0.2; done; }
forever redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --dir "$DATA_DIR" --appendonly "$APPENDONLY" >/dev/null &
forever "$PYTHON" -m celery --app celery_tasks worker --concurrency "$WORKERS" --loglevel error --without-gossip --without-mingle &
forever "$PYTHON" celery_server.py
