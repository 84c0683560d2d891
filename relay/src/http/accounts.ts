/** Registration and look-up of accounts. */
import { timingSafeEqual } from 'node:crypto';
import { isKeyHash, LABELS, ok, registrationBytes } from '@securechat/relay-protocol';
import type { endpoints, Registration, ResponseOf } from '@securechat/relay-protocol';
import { keyOf } from '../bytes.ts';
import type { AccountEntry } from '../directory/port.ts';
import { accountIdOf, deviceIdOf, isSignedBy } from '../signatures.ts';
import { refuse, type Answer } from './answer.ts';
import { isOurHost, type Desk, type Visit } from './desk.ts';

/** Creates or updates an account from what its key signed; mailboxes of new devices open, those of removed ones end. */
export async function register(desk: Desk, visit: Visit, registration: Registration): Answer<object> {
  if (!isOurHost(desk, visit.host)) return refuse('BadSignature', 'signed for another relay');
  const body = registrationBytes(registration, visit.host);
  if (!isSignedBy(registration.accountKey, LABELS.register, body, registration.signature)) {
    return refuse('BadSignature', 'not signed by the account key for this host');
  }
  const entry = entryOf(registration);
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

async function enter(desk: Desk, entry: AccountEntry): Answer<object> {
  const entered = await desk.directory.register(entry);
  if (!entered.ok) {
    const stale = entered.error.type === 'StaleDeviceLog';
    return refuse(entered.error.type, stale ? 'a newer or different log is stored' : 'a device or mailbox is not free');
  }
  for (const device of entry.devices) await desk.store.open(device.mailbox);
  for (const device of entered.value.removed) await desk.exchange.evict(device.mailbox);
  return ok({});
}

function entryOf({ accountKey, version, deviceLog, devices }: Registration): AccountEntry {
  const entries = devices.map((device) => ({ ...device, deviceId: deviceIdOf(device.deviceKey) }));
  return { accountId: accountIdOf(accountKey), accountKey, version, deviceLog, devices: entries };
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
