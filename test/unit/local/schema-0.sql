-- The tables as the service made them before it counted versions (user_version 0).
CREATE TABLE IF NOT EXISTS jobs (
  id TEXT PRIMARY KEY, record TEXT NOT NULL, idempotency_key TEXT, forget_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_age ON jobs (forget_at);
CREATE TABLE IF NOT EXISTS idempotency_keys (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, job_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL,
  visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at);
