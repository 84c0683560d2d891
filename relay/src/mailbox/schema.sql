-- Queues of sealed envelopes. Nothing here says who sent anything.

-- One row per mailbox that exists, with what its queue holds now.
CREATE TABLE IF NOT EXISTS mailbox (
  mailbox BLOB PRIMARY KEY,
  count   INTEGER NOT NULL DEFAULT 0,
  bytes   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- The queues. `seq` never repeats, so a queue is read in order from any position.
CREATE TABLE IF NOT EXISTS envelope (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  mailbox BLOB NOT NULL,
  id      BLOB NOT NULL,
  data    BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS envelope_queue ON envelope (mailbox, seq);

-- Every id that was ever queued, until expiry: makes a repeated post harmless, also after its ack.
CREATE TABLE IF NOT EXISTS seen (
  mailbox BLOB NOT NULL,
  id      BLOB NOT NULL,
  seq     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (mailbox, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_age ON seen (at);
