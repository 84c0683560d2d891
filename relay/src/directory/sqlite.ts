/** The directory in SQLite, beside the mailboxes. Each call is one transaction. */
import { err, ok } from '@securechat/relay-protocol';
import type { AccountId, ClaimedPreKeys, DeviceId, MailboxId, RecoveryId, Result } from '@securechat/relay-protocol';
import { sameBytes } from '../bytes.ts';
import { plain, type Sqlite } from '../sqlite.ts';
import { promised } from '../promised.ts';
import { isAuthorised } from './authority.ts';
import { isFresh } from './freshness.ts';
import type { AccountEntry, DeviceEntry, Directory, OneTimePreKey, RegisterError } from './port.ts';

interface AccountRow {
  readonly accountKey: Uint8Array;
  readonly version: number;
  readonly deviceLog: Uint8Array;
  readonly by: Uint8Array;
  readonly recoveryId: RecoveryId | null;
  readonly recoveryKey: Uint8Array | null;
}

interface DeviceRow {
  readonly deviceId: DeviceId;
  readonly accountId: AccountId;
  readonly deviceKey: Uint8Array;
  readonly mailbox: MailboxId;
  readonly signed: Uint8Array | null;
}

/** A directory in an open database. */
export function sqliteDirectory(db: Sqlite): Directory {
  const statements = prepare(db);
  const register = db.transaction((account: AccountEntry) => enter(statements, account));
  const publish = db.transaction((deviceId: DeviceId, signed: Uint8Array, oneTime: readonly OneTimePreKey[]) => {
    offer(statements, deviceId, signed, oneTime);
  });
  const claim = db.transaction((accountId: AccountId, deviceIds: readonly DeviceId[] | undefined, oneTime: boolean) =>
    handOut(statements, accountId, deviceIds, oneTime),
  );
  const putHandle = db.transaction((accountId: AccountId, handle: string): boolean => {
    const owner = statements.byHandle.get(handle);
    if (owner !== undefined) return owner.accountId === accountId;
    statements.dropHandle.run(accountId);
    statements.putHandle.run(handle, accountId);
    return true;
  });
  return {
    register: promised((account: AccountEntry) => register(account)),
    account: promised((accountId) => unbuffered(statements.account.get(accountId))),
    byRecovery: promised((recoveryId) => unbuffered(statements.byRecovery.get(recoveryId))),
    device: promised((deviceId) => unbuffered(statements.device.get(deviceId))),
    publishPreKeys: promised((deviceId, signed, oneTime) => {
      publish(deviceId, signed, oneTime);
    }),
    countPreKeys: promised((deviceId) => statements.left.get(deviceId)?.count ?? 0),
    claim: promised((accountId, deviceIds, oneTime) => claim(accountId, deviceIds, oneTime)),
    putHandle: promised((accountId, handle) => putHandle(accountId, handle)),
    dropHandle: promised((accountId) => void statements.dropHandle.run(accountId)),
    byHandle: promised((handle) => unbuffered(statements.byHandle.get(handle))),
  };
}

type Statements = ReturnType<typeof prepare>;

function prepare(db: Sqlite) {
  const accountColumns =
    'account_key AS accountKey, version, device_log AS deviceLog, authority AS "by", recovery_id AS recoveryId, recovery_key AS recoveryKey';
  const deviceColumns = 'device_id AS deviceId, account_id AS accountId, device_key AS deviceKey, mailbox, signed';
  return {
    account: db.prepare<[AccountId], AccountRow>(`SELECT ${accountColumns} FROM account WHERE account_id = ?`),
    byRecovery: db.prepare<[RecoveryId], AccountRow & { accountId: AccountId }>(
      `SELECT account_id AS accountId, ${accountColumns} FROM account WHERE recovery_id = ?`,
    ),
    putAccount: db.prepare(
      `INSERT INTO account (account_id, account_key, version, device_log, authority, recovery_id, recovery_key)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (account_id) DO UPDATE SET version = excluded.version, device_log = excluded.device_log,
         authority = excluded.authority, recovery_id = excluded.recovery_id, recovery_key = excluded.recovery_key`,
    ),
    device: db.prepare<[DeviceId], DeviceRow>(`SELECT ${deviceColumns} FROM device WHERE device_id = ?`),
    devices: db.prepare<[AccountId], DeviceRow>(
      `SELECT ${deviceColumns} FROM device WHERE account_id = ? ORDER BY position`,
    ),
    byMailbox: db.prepare<[MailboxId], { deviceId: DeviceId }>(
      'SELECT device_id AS deviceId FROM device WHERE mailbox = ?',
    ),
    putDevice: db.prepare(
      `INSERT INTO device (device_id, account_id, device_key, mailbox, position) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (device_id) DO UPDATE SET position = excluded.position`,
    ),
    dropDevice: db.prepare('DELETE FROM device WHERE device_id = ?'),
    setSigned: db.prepare('UPDATE device SET signed = ? WHERE device_id = ?'),
    oneTimeOf: db.prepare<[DeviceId], OneTimePreKey>('SELECT id, bytes FROM one_time WHERE device_id = ?'),
    dropOneTime: db.prepare('DELETE FROM one_time WHERE device_id = ? AND id = ?'),
    putOneTime: db.prepare('INSERT OR IGNORE INTO one_time (device_id, id, bytes) VALUES (?, ?, ?)'),
    left: db.prepare<[DeviceId], { count: number }>(
      'SELECT count(*) AS count FROM one_time WHERE device_id = ? AND handed = 0',
    ),
    handOne: db.prepare<[DeviceId, DeviceId], OneTimePreKey>(
      `UPDATE one_time SET handed = 1 WHERE device_id = ? AND id =
         (SELECT id FROM one_time WHERE device_id = ? AND handed = 0 ORDER BY id LIMIT 1) RETURNING id, bytes`,
    ),
    putHandle: db.prepare('INSERT INTO handle (handle, account_id) VALUES (?, ?)'),
    dropHandle: db.prepare('DELETE FROM handle WHERE account_id = ?'),
    byHandle: db.prepare<[string], { accountId: AccountId; accountKey: Uint8Array }>(
      `SELECT account_id AS accountId, account_key AS accountKey FROM handle JOIN account USING (account_id) WHERE handle = ?`,
    ),
  };
}

function enter(st: Statements, account: AccountEntry): Result<{ removed: readonly DeviceEntry[] }, RegisterError> {
  const { accountId, accountKey, version, deviceLog, devices, by, recovery } = account;
  const known = st.devices.all(accountId).map(unbuffered);
  const before = registeredOf(st.account.get(accountId), known);
  if (before !== undefined && !isFresh(before, account)) return err({ type: 'StaleDeviceLog' });
  if (!isAuthorised(before, account)) return err({ type: 'NotAuthorised' });
  if (before?.version === account.version) return ok({ removed: [] });
  if (isRecoveryTaken(st, account)) return err({ type: 'RecoveryTaken' });
  if (devices.some((device) => isTaken(st, accountId, device))) return err({ type: 'MailboxTaken' });
  const removed = known.filter((old) => !devices.some((device) => device.deviceId === old.deviceId));
  for (const { deviceId } of removed) st.dropDevice.run(deviceId);
  const recoveryColumns = [recovery?.recoveryId ?? null, recovery?.recoveryKey ?? null];
  st.putAccount.run(accountId, accountKey, version, deviceLog, by, ...recoveryColumns);
  for (const [position, { deviceId, deviceKey, mailbox }] of devices.entries()) {
    st.putDevice.run(deviceId, accountId, deviceKey, mailbox, position);
  }
  return ok({ removed: removed.map(({ deviceId, deviceKey, mailbox }) => ({ deviceId, deviceKey, mailbox })) });
}

/** A row as it was registered. */
function registeredOf(row: AccountRow | undefined, devices: readonly DeviceEntry[]) {
  if (row === undefined) return undefined;
  const { version, deviceLog, by, recoveryId, recoveryKey } = row;
  const recovery = recoveryId !== null && recoveryKey !== null && { recovery: { recoveryId, recoveryKey } };
  return { version, deviceLog, by, devices, ...recovery };
}

function isRecoveryTaken(st: Statements, { accountId, recovery }: AccountEntry): boolean {
  const owner = recovery && st.byRecovery.get(recovery.recoveryId);
  return owner !== undefined && owner.accountId !== accountId;
}

function isTaken(st: Statements, accountId: AccountId, device: DeviceEntry): boolean {
  const known = st.device.get(device.deviceId);
  if (known !== undefined) return known.accountId !== accountId || !sameBytes(known.mailbox, device.mailbox);
  return st.byMailbox.get(device.mailbox) !== undefined;
}

function offer(st: Statements, deviceId: DeviceId, signed: Uint8Array, oneTime: readonly OneTimePreKey[]): void {
  if (st.setSigned.run(signed, deviceId).changes === 0) return;
  const offered = new Map(oneTime.map((key) => [key.id, key.bytes]));
  for (const old of st.oneTimeOf.all(deviceId)) {
    const bytes = offered.get(old.id);
    if (bytes === undefined || !sameBytes(bytes, old.bytes)) st.dropOneTime.run(deviceId, old.id);
  }
  for (const [id, bytes] of offered) st.putOneTime.run(deviceId, id, bytes);
}

function handOut(
  st: Statements,
  accountId: AccountId,
  deviceIds: readonly DeviceId[] | undefined,
  oneTime: boolean,
): ClaimedPreKeys | undefined {
  const account = unbuffered(st.account.get(accountId));
  if (account === undefined) return undefined;
  const wanted = st.devices
    .all(accountId)
    .map(unbuffered)
    .filter(({ deviceId }) => deviceIds?.includes(deviceId) ?? true);
  const devices = wanted.flatMap(({ deviceId, deviceKey, mailbox, signed }) => {
    if (signed === null) return [];
    const key = oneTime ? unbuffered(st.handOne.get(deviceId, deviceId)) : undefined;
    return [{ deviceKey, mailbox, signed, ...(key && { oneTime: key }) }];
  });
  return { accountKey: account.accountKey, deviceLog: account.deviceLog, devices };
}

/** A row with plain arrays where it had Buffers. */
function unbuffered<Row extends object | undefined>(row: Row): Row {
  if (row === undefined) return row;
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? plain(value) : value,
  ]);
  return Object.fromEntries(entries) as Row;
}
