#!/usr/bin/env bash
# A consistent copy of the relay's data while it runs: backup.sh <data folder of the relay> <folder of the copy>
# Needs the sqlite3 command. Copies the database with SQLite's own backup (a plain cp of a running database is not one)
# and the token key beside it.
set -euo pipefail
from=${1:?data folder of the relay}
to=${2:?folder of the copy}
umask 077
mkdir -p "$to"
rm -f "$to/relay.db.part"
sqlite3 "$from/relay.db" ".timeout 10000" ".backup '$to/relay.db.part'"
[ "$(sqlite3 "$to/relay.db.part" 'PRAGMA integrity_check')" = ok ]
mv "$to/relay.db.part" "$to/relay.db"
if [ -f "$from/token.key" ]; then cp "$from/token.key" "$to/token.key"; fi
