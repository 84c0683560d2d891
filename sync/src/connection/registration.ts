/**
 * Registering the account at its relay: the device log, and where each device receives. Every own device may do it, under
 * the account's signature and its own (relay/SPEC, R-ACCOUNT-7), so that one that was unlinked cannot.
 */
import {
  type Account,
  type Authority,
  type DeviceId,
  type DeviceLog,
  activeDevices,
  authorityKeyOf,
  encodeDeviceLog,
  logView,
  recoveryOf,
  signAsAccount,
  signAsAuthority,
} from '@securechat/crypto';
import { KEPT_MAILBOX, LABELS, type MailboxId, registrationBytes } from '@securechat/relay-protocol';
import type { Directory, DirectoryError } from '../directory/directory.ts';

export interface RegistrationInput {
  readonly directory: Pick<Directory, 'ask'>;
  readonly relayUrl: string;
  readonly account: Account;
  /** Who stands for it besides the account: an own device, or the recovery phrase. */
  readonly by: Authority;
  readonly log: DeviceLog;
  /** Undefined: the device keeps the mailbox that the relay has for it. */
  readonly mailboxOf: (deviceId: DeviceId) => MailboxId | undefined;
}

/** Undefined: the relay has this log now. */
export async function register(input: RegistrationInput): Promise<DirectoryError | undefined> {
  const { directory, relayUrl, account, by, log, mailboxOf } = input;
  const devices = activeDevices(log).map(({ id, publicKey }) => ({
    deviceKey: publicKey,
    mailbox: mailboxOf(id) ?? KEPT_MAILBOX,
  }));
  const recovery = recoveryOf(log);
  const fields = {
    accountKey: account.publicKey,
    version: logView(log).length,
    deviceLog: encodeDeviceLog(log),
    devices,
    by: authorityKeyOf(by),
    ...(recovery && { recoveryKey: recovery.recoveryKey }),
  };
  const body = registrationBytes(fields, audience(relayUrl));
  const signature = signAsAccount(account, LABELS.register, body);
  const authority = signAsAuthority(by, LABELS.registerAuthority, body);
  const answer = await directory.ask(relayUrl, 'register', { body: { ...fields, signature, authority } });
  return answer.ok ? undefined : answer.error;
}

/** The relay that a signature is meant for: host and port of its URL. */
export function audience(relayUrl: string): string {
  return new URL(relayUrl).host;
}
