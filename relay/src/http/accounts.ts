/** Registration and look-up of accounts, by id and by recovery key. */
import { timingSafeEqual } from 'node:crypto';
import { isKeyHash, KEPT_MAILBOX, LABELS, ok, registrationBytes } from '@securechat/relay-protocol';
import type { endpoints, Registration, ResponseOf } from '@securechat/relay-protocol';
import { keyOf, sameBytes } from '../bytes.ts';
import type { AccountEntry, DeviceEntry, RegisterError } from '../directory/port.ts';
import { accountIdOf, deviceIdOf, isSignedBy, recoveryIdOf } from '../signatures.ts';
import { refuse, type Answer } from './answer.ts';
import { isOurHost, type Desk, type Visit } from './desk.ts';

const WHY_NOT: Readonly<Record<RegisterError['type'], string>> = {
  StaleDeviceLog: 'a newer or different log is stored',
  NotAuthorised: 'the authority is no device and no recovery key of what is stored',
  RecoveryTaken: 'the recovery key is not free',
  MailboxTaken: 'a device or mailbox is not free',
};

/**
 * Creates or updates an account from what its key and an authority signed; mailboxes of new devices open, those of removed
 * ones end. Whether the authority has a say is decided by the directory, together with the change.
 */
export async function register(desk: Desk, visit: Visit, registration: Registration): Answer<object> {
  if (!isOurHost(desk, visit.host)) return refuse('BadSignature', 'signed for another relay');
  const body = registrationBytes(registration, visit.host);
  if (!isSignedBy(registration.accountKey, LABELS.register, body, registration.signature)) {
    return refuse('BadSignature', 'not signed by the account key for this host');
  }
  if (!isSignedBy(registration.by, LABELS.registerAuthority, body, registration.authority)) {
    return refuse('NotAuthorised', 'not signed by the authority that it names');
  }
  const entry = await entryOf(desk, registration);
  if (entry === undefined) return refuse('MailboxTaken', 'a device without a mailbox is not stored here');
  if (!isDistinct(entry)) return refuse('MailboxTaken', 'a device or mailbox is named twice');
  if ((await desk.directory.account(entry.accountId)) === undefined) {
    if (!isInvited(desk, registration.invite))
      return refuse('InviteNeeded', 'this relay takes new accounts by invite only');
    if (!desk.governor.takeNewAccount(visit.address)) return refuse('RateLimited', 'too many new accounts');
  }
  return enter(desk, entry);
}

/** The newest registration of an account. */
export async function lookUpAccount(desk: Desk, visit: Visit): Answer<ResponseOf<(typeof endpoints)['account']>> {
  const { accountId = '' } = visit.params;
  if (!isKeyHash(accountId)) return refuse('Malformed', 'not an account id');
  const account = await desk.directory.account(accountId);
  return account === undefined ? refuse('NotFound', 'no such account here') : ok(account);
}

/** The newest registration of the account that a recovery key belongs to. */
export async function lookUpRecovery(desk: Desk, visit: Visit): Answer<ResponseOf<(typeof endpoints)['recovery']>> {
  const { recoveryId = '' } = visit.params;
  if (!isKeyHash(recoveryId)) return refuse('Malformed', 'not a recovery id');
  const account = await desk.directory.byRecovery(recoveryId);
  return account === undefined ? refuse('NotFound', 'no account has this recovery key') : ok(account);
}

async function enter(desk: Desk, entry: AccountEntry): Answer<object> {
  const entered = await desk.directory.register(entry);
  if (!entered.ok) return refuse(entered.error.type, WHY_NOT[entered.error.type]);
  for (const device of entry.devices) await desk.store.open(device.mailbox);
  for (const device of entered.value.removed) await desk.exchange.evict(device.mailbox);
  return ok({});
}

/** Undefined: a device is to keep its mailbox and has none. */
async function entryOf(
  { directory }: Desk,
  { accountKey, version, deviceLog, devices, by, recoveryKey }: Registration,
): Promise<AccountEntry | undefined> {
  const accountId = accountIdOf(accountKey);
  const entries: DeviceEntry[] = [];
  for (const { deviceKey, mailbox } of devices) {
    const deviceId = deviceIdOf(deviceKey);
    const kept = isKept(mailbox) ? await directory.device(deviceId) : undefined;
    if (isKept(mailbox) && kept?.accountId !== accountId) return undefined;
    entries.push({ deviceId, deviceKey, mailbox: kept?.mailbox ?? mailbox });
  }
  return {
    accountId,
    accountKey,
    version,
    deviceLog,
    devices: entries,
    by,
    ...(recoveryKey && { recovery: { recoveryId: recoveryIdOf(recoveryKey), recoveryKey } }),
  };
}

/** Whoever writes the registration may not know where each device receives: zeros keep the mailbox that is stored. */
function isKept(mailbox: Uint8Array): boolean {
  return sameBytes(mailbox, KEPT_MAILBOX);
}

function isDistinct({ devices }: AccountEntry): boolean {
  const ids = new Set(devices.map((device) => device.deviceId));
  const mailboxes = new Set(devices.map((device) => keyOf(device.mailbox)));
  return ids.size === devices.length && mailboxes.size === devices.length;
}

function isInvited({ config }: Desk, invite = ''): boolean {
  if (config.registration.type === 'open') return true;
  const given = Buffer.from(invite);
  const matches = config.registration.codes.filter((code) => {
    const wanted = Buffer.from(code);
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  });
  return matches.length > 0;
}
