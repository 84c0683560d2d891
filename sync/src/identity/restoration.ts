/**
 * An account that comes back from its recovery phrase on a blank device: the relay finds the account by the recovery key,
 * the phrase opens the account secret in its device log, and its key adds this device (crypto/SPEC, C-RECOVERY).
 */
import {
  DEVICE_LOG_LIMITS,
  type DeviceId,
  type PreKeys,
  type Random,
  type RecoverySecret,
  accountIdOf,
  activeDevices,
  addDevice,
  decodeDeviceLog,
  deviceIdOf,
  logView,
  openEscrow,
  readRecoveryWords,
  recoveryIdOf,
  recoveryKeyOf,
  recoveryOf,
  toAccountKey,
  toDeviceKey,
} from '@securechat/crypto';
import type { ClientError } from '../api.ts';
import { register } from '../connection/registration.ts';
import { clientError } from '../devices/membership.ts';
import type { Directory } from '../directory/directory.ts';
import type { PeerAddress } from '../peers/peers.ts';
import { type Identity, createDeviceKeys } from './identity.ts';

export interface RestorationInput {
  readonly phrase: string;
  readonly relayUrl: string;
  readonly now: number;
  readonly random: Random;
  readonly oneTimePreKeys?: number | undefined;
  readonly directory: Pick<Directory, 'ask'>;
}

export interface Restored {
  readonly identity: Identity;
  readonly preKeys: PreKeys;
  readonly addresses: ReadonlyMap<DeviceId, PeerAddress>;
}

type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ClientError };

/** Finds the account and registers this device in it. Nothing is stored yet. */
export async function restoreIdentity(input: RestorationInput): Promise<Answer<Restored>> {
  const { phrase, relayUrl, now, directory } = input;
  const words = readRecoveryWords(phrase);
  if (!words.ok) return refused(phraseError(words.error));
  const recovery = words.value;
  const found = await findAccount(recovery, relayUrl, directory);
  if (!found.ok) return found;
  const { account, log: before } = found.value;
  if (activeDevices(before).length >= DEVICE_LOG_LIMITS.devices)
    return refused({ type: 'TooManyDevices', limit: DEVICE_LOG_LIMITS.devices });
  const own = createDeviceKeys(input);
  const { device, mailbox, preKeys } = own;
  const log = addDevice(before, account, { type: 'recovery', recovery }, { deviceKey: device.publicKey, time: now });
  const addresses = await addressesOf(account.id, relayUrl, directory);
  if (!addresses.ok) return addresses;
  const problem = await register({
    ...{ directory, relayUrl, account, log },
    by: { type: 'recovery', recovery },
    mailboxOf: (id) => (id === device.id ? mailbox : addresses.value.get(id)?.mailbox),
  });
  if (problem !== undefined) return refused(clientError(problem));
  const registered = logView(log).length;
  const identity: Identity = { account, device, mailbox, log, relayUrl, registered, published: 0 };
  return { ok: true, value: { identity, preKeys, addresses: addresses.value } };
}

async function findAccount(
  recovery: RecoverySecret,
  relayUrl: string,
  directory: Pick<Directory, 'ask'>,
): Promise<Answer<{ readonly account: Identity['account']; readonly log: Identity['log'] }>> {
  const recoveryId = recoveryIdOf(recoveryKeyOf(recovery));
  const answer = await directory.ask(relayUrl, 'recovery', { path: { recoveryId } });
  if (!answer.ok)
    return refused(answer.error.type === 'NotFound' ? { type: 'PhraseUnknown' } : clientError(answer.error));
  const key = toAccountKey(answer.value.accountKey);
  const log = key && decodeDeviceLog(answer.value.deviceLog, key);
  const kept = log?.ok === true ? recoveryOf(log.value) : undefined;
  const account = kept && openEscrow(recovery, kept.escrow);
  // The phrase is right, so what does not fit is the relay's answer.
  if (account?.ok !== true || log?.ok !== true || key === undefined || account.value.id !== accountIdOf(key))
    return refused({ type: 'RelayRefused', code: 'NotThisAccount' });
  return { ok: true, value: { account: account.value, log: log.value } };
}

/** Where the account's other devices receive, as each of them signed it. */
async function addressesOf(
  accountId: Identity['account']['id'],
  relayUrl: string,
  directory: Pick<Directory, 'ask'>,
): Promise<Answer<ReadonlyMap<DeviceId, PeerAddress>>> {
  const answer = await directory.ask(relayUrl, 'claimPreKeys', { body: { accountId } });
  if (!answer.ok) return refused(clientError(answer.error));
  const addresses = new Map<DeviceId, PeerAddress>();
  for (const { deviceKey, mailbox } of answer.value.devices) {
    const key = toDeviceKey(deviceKey);
    if (key !== undefined) addresses.set(deviceIdOf(key), { relayUrl, mailbox });
  }
  return { ok: true, value: addresses };
}

function phraseError(error: Extract<ReturnType<typeof readRecoveryWords>, { ok: false }>['error']): ClientError {
  switch (error.type) {
    case 'WrongLength':
      return { type: 'PhraseLength', words: error.words };
    case 'UnknownWord':
      return { type: 'PhraseWord', index: error.index, word: error.word };
    case 'BadChecksum':
      return { type: 'PhraseWrong' };
  }
}

function refused(error: ClientError): { readonly ok: false; readonly error: ClientError } {
  return { ok: false, error };
}
