/** The directory in memory: for tests and simulations. */
import { err, ok } from '@securechat/relay-protocol';
import type { AccountId, ClaimedPreKeys, DeviceId, Handle, RecoveryId, Result } from '@securechat/relay-protocol';
import { keyOf, sameBytes } from '../bytes.ts';
import { isAuthorised } from './authority.ts';
import { isFresh } from './freshness.ts';
import type { AccountEntry, DeviceEntry, Directory, OneTimePreKey, RegisterError } from './port.ts';

interface Offer {
  readonly signed: Uint8Array;
  readonly oneTime: readonly (OneTimePreKey & { handed: boolean })[];
}

/** An empty directory. */
export function memoryDirectory(): Directory {
  const accounts = new Map<AccountId, AccountEntry>();
  const owners = new Map<DeviceId, AccountId>();
  const mailboxes = new Map<string, DeviceId>();
  const recoveries = new Map<RecoveryId, AccountId>();
  const offers = new Map<DeviceId, Offer>();
  const handles = new Map<Handle, AccountId>();

  function register(account: AccountEntry): Result<{ removed: readonly DeviceEntry[] }, RegisterError> {
    const before = accounts.get(account.accountId);
    if (before !== undefined && !isFresh(before, account)) return err({ type: 'StaleDeviceLog' });
    if (!isAuthorised(before, account)) return err({ type: 'NotAuthorised' });
    if (before?.version === account.version) return ok({ removed: [] });
    if (isRecoveryTaken(account)) return err({ type: 'RecoveryTaken' });
    if (account.devices.some(isTaken)) return err({ type: 'MailboxTaken' });
    const removed = (before?.devices ?? []).filter((old) => !account.devices.some((d) => d.deviceId === old.deviceId));
    for (const device of removed) forget(device);
    for (const device of account.devices) {
      owners.set(device.deviceId, account.accountId);
      mailboxes.set(keyOf(device.mailbox), device.deviceId);
    }
    if (before?.recovery !== undefined) recoveries.delete(before.recovery.recoveryId);
    if (account.recovery !== undefined) recoveries.set(account.recovery.recoveryId, account.accountId);
    accounts.set(account.accountId, account);
    return ok({ removed });

    function isTaken(device: DeviceEntry): boolean {
      const owner = owners.get(device.deviceId);
      if (owner !== undefined && owner !== account.accountId) return true;
      const known = find(device.deviceId);
      const holder = mailboxes.get(keyOf(device.mailbox));
      return (
        (holder !== undefined && holder !== device.deviceId) ||
        (known !== undefined && !sameBytes(known.mailbox, device.mailbox))
      );
    }
  }

  function isRecoveryTaken({ accountId, recovery }: AccountEntry): boolean {
    const owner = recovery && recoveries.get(recovery.recoveryId);
    return owner !== undefined && owner !== accountId;
  }

  function forget(device: DeviceEntry): void {
    owners.delete(device.deviceId);
    mailboxes.delete(keyOf(device.mailbox));
    offers.delete(device.deviceId);
  }

  function find(deviceId: DeviceId): (DeviceEntry & { accountId: AccountId }) | undefined {
    const accountId = owners.get(deviceId);
    if (accountId === undefined) return undefined;
    const device = accounts.get(accountId)?.devices.find((d) => d.deviceId === deviceId);
    return device && { ...device, accountId };
  }

  function publish(deviceId: DeviceId, signed: Uint8Array, oneTime: readonly OneTimePreKey[]): void {
    const before = offers.get(deviceId)?.oneTime ?? [];
    const wasHanded = (key: OneTimePreKey): boolean =>
      before.some((old) => old.handed && old.id === key.id && sameBytes(old.bytes, key.bytes));
    const unique = new Map(oneTime.map((key) => [key.id, { ...key, handed: wasHanded(key) }]));
    offers.set(deviceId, { signed, oneTime: [...unique.values()].sort((a, b) => a.id - b.id) });
  }

  function claim(
    accountId: AccountId,
    deviceIds: readonly DeviceId[] | undefined,
    oneTime: boolean,
  ): ClaimedPreKeys | undefined {
    const account = accounts.get(accountId);
    if (account === undefined) return undefined;
    const wanted = account.devices.filter((device) => deviceIds?.includes(device.deviceId) ?? true);
    const devices = wanted.flatMap(({ deviceId, deviceKey, mailbox }) => {
      const offer = offers.get(deviceId);
      if (offer === undefined) return [];
      const key = oneTime ? handOut(offer) : undefined;
      return [{ deviceKey, mailbox, signed: offer.signed, ...(key && { oneTime: key }) }];
    });
    return { accountKey: account.accountKey, deviceLog: account.deviceLog, devices };
  }

  function putHandle(accountId: AccountId, handle: Handle): boolean {
    const owner = handles.get(handle);
    if (owner !== undefined && owner !== accountId) return false;
    dropHandle(accountId);
    handles.set(handle, accountId);
    return true;
  }

  function dropHandle(accountId: AccountId): void {
    for (const [handle, owner] of handles) if (owner === accountId) handles.delete(handle);
  }

  function byHandle(handle: Handle): { accountId: AccountId; accountKey: Uint8Array } | undefined {
    const account = accounts.get(handles.get(handle) ?? '');
    return account && { accountId: account.accountId, accountKey: account.accountKey };
  }

  return {
    register: (account) => Promise.resolve(register(account)),
    account: (accountId) => Promise.resolve(accounts.get(accountId)),
    byRecovery: (recoveryId) => Promise.resolve(accounts.get(recoveries.get(recoveryId) ?? '')),
    device: (deviceId) => Promise.resolve(find(deviceId)),
    publishPreKeys: (deviceId, signed, oneTime) => Promise.resolve(publish(deviceId, signed, oneTime)),
    countPreKeys: (deviceId) => Promise.resolve(offers.get(deviceId)?.oneTime.filter((key) => !key.handed).length ?? 0),
    claim: (accountId, deviceIds, oneTime) => Promise.resolve(claim(accountId, deviceIds, oneTime)),
    putHandle: (accountId, handle) => Promise.resolve(putHandle(accountId, handle)),
    dropHandle: (accountId) => Promise.resolve(dropHandle(accountId)),
    byHandle: (handle) => Promise.resolve(byHandle(handle)),
  };
}

function handOut(offer: Offer): OneTimePreKey | undefined {
  const key = offer.oneTime.find((candidate) => !candidate.handed);
  if (key === undefined) return undefined;
  key.handed = true;
  return { id: key.id, bytes: key.bytes };
}
