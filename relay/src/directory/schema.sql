-- Public facts about accounts. Device logs and pre-keys are opaque here.

-- `authority`: the key that signed the registration beside the account key. `recovery_key`: the one in force, NULL for none.
CREATE TABLE IF NOT EXISTS account (
  account_id   TEXT PRIMARY KEY,
  account_key  BLOB NOT NULL,
  version      INTEGER NOT NULL,
  device_log   BLOB NOT NULL,
  authority    BLOB NOT NULL,
  recovery_id  TEXT UNIQUE,
  recovery_key BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS device (
  device_id  TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (account_id),
  device_key BLOB NOT NULL,
  mailbox    BLOB NOT NULL UNIQUE,
  position   INTEGER NOT NULL,
  signed     BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS device_account ON device (account_id, position);

-- `handed` = 1: given to somebody once, and never again, however often its device offers it.
CREATE TABLE IF NOT EXISTS one_time (
  device_id TEXT NOT NULL REFERENCES device (device_id) ON DELETE CASCADE,
  id        INTEGER NOT NULL,
  bytes     BLOB NOT NULL,
  handed    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (device_id, id)
) STRICT;
CREATE INDEX IF NOT EXISTS one_time_left ON one_time (device_id, id) WHERE handed = 0;

CREATE TABLE IF NOT EXISTS handle (
  handle     TEXT PRIMARY KEY,
  account_id TEXT NOT NULL UNIQUE REFERENCES account (account_id)
) STRICT, WITHOUT ROWID;
