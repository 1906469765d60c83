/** Version of the tables, in the file's user_version. A file with a later one is left alone. */
export const schemaVersion = 1;

/** Times are milliseconds since 1970. `incidents` is an index: incidents/<id>.json is the record. */
export const tables = `
  CREATE TABLE IF NOT EXISTS samples (
    service TEXT NOT NULL, at INTEGER NOT NULL, healthy INTEGER, latency_ms REAL, state TEXT NOT NULL,
    PRIMARY KEY (service, at)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS disks (
    path TEXT NOT NULL, at INTEGER NOT NULL, free_bytes INTEGER NOT NULL, total_bytes INTEGER NOT NULL,
    PRIMARY KEY (path, at)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS memory (
    at INTEGER PRIMARY KEY, available_bytes INTEGER NOT NULL, total_bytes INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS incidents (
    id TEXT PRIMARY KEY, service TEXT NOT NULL, opened_at INTEGER NOT NULL, closed_at INTEGER,
    outcome TEXT NOT NULL, cause TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS incidents_by_time ON incidents (opened_at);
`;
