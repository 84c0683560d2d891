/**
 * Changing who the account's devices are: the relay takes the new device log first (it orders the changes of two own
 * devices), then this device adopts it. A kill in between is harmless: the log comes back from the relay.
 */
import {
  type Authority,
  DEVICE_LOG_LIMITS,
  type DeviceId,
  type DeviceLog,
  type NewRecovery,
  type Result,
  activeDevices,
  addDevice,
  decodeDeviceLog,
  deviceIdOf,
  err,
  logView,
  ok,
  removeDevice,
  setRecovery,
} from '@securechat/crypto';
import type { MailboxId } from '@securechat/relay-protocol';
import type { Alarms } from '../alarms/alarms.ts';
import type { ClientError } from '../api.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import { register } from '../connection/registration.ts';
import type { Directory, DirectoryError } from '../directory/directory.ts';
import type { Lane } from '../lane.ts';
import type { Peers } from '../peers/peers.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { OwnLog } from './own-log.ts';

export interface MembershipOptions {
  readonly self: Self;
  readonly store: Store;
  readonly lane: Lane;
  readonly clock: Clock;
  readonly directory: Pick<Directory, 'ask'>;
  readonly peers: Peers;
  readonly ownLog: OwnLog;
  readonly alarms: Alarms;
}

/** A device to add, and what follows from it. */
export interface Addition {
  readonly deviceKey: Parameters<typeof addDevice>[3]['deviceKey'];
  readonly mailbox: MailboxId;
  /** The relay has this log now, in which the device is. */
  readonly registered: (log: DeviceLog) => void;
  /** Part of the job that adopts the log: ahead of everything that follows from it by itself. */
  readonly adopted: (batch: Batch) => Promise<void>;
}

/** Two own devices that change the log at the same moment take turns. */
const TRIES = 4;

export class Membership {
  readonly #options: MembershipOptions;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** Answers `TooManyDevices` also when the log, which never forgets, has no room for more. Who is there already is not added. */
  add(addition: Addition): Promise<Result<null, ClientError>> {
    const { account, log: current } = this.#options.self.identity;
    const { deviceKey } = addition;
    if (!hasRoom(current)) return Promise.resolve(err({ type: 'TooManyDevices', limit: DEVICE_LOG_LIMITS.devices }));
    return this.#change(
      (log) => addDevice(log, account, this.#authority, { deviceKey, time: this.#now }),
      (log) => !logHas(log, deviceKey),
      addition,
    );
  }

  remove(deviceId: DeviceId): Promise<Result<null, ClientError>> {
    const { self, ownLog } = this.#options;
    const { account, device } = self.identity;
    return this.#change(
      (log) => removeDevice(log, account, this.#authority, deviceId, this.#now),
      () => deviceId === device.id || ownLog.siblings.some(({ id }) => id === deviceId),
    );
  }

  setRecovery(recovery: Omit<NewRecovery, 'time'>): Promise<Result<null, ClientError>> {
    const { account } = this.#options.self.identity;
    return this.#change(
      (log) => setRecovery(log, account, this.#authority, { ...recovery, time: this.#now }),
      () => true,
    );
  }

  /**
   * The relay's log of this account, adopted if it continues the known one. One that is older than what the relay was given,
   * or on another line, raises its alarm. Undefined: not reached, or nothing that is this account's log.
   */
  async catchUp(): Promise<DeviceLog | undefined> {
    const { self, directory, store, lane, ownLog, alarms, clock } = this.#options;
    const { account, relayUrl, registered } = self.identity;
    const answer = await directory.ask(relayUrl, 'account', { path: { accountId: account.id } });
    if (!answer.ok) return undefined;
    const log = decodeDeviceLog(answer.value.deviceLog, account.publicKey);
    const raise = (type: 'DeviceLogForked' | 'DeviceLogRolledBack', batch: Batch): void => {
      alarms.raise(batch, { type, who: 'relay', accountId: account.id }, clock.now());
    };
    return lane.run(() =>
      inBatch(store, (batch) => {
        const verdict = log.ok ? ownLog.adopt(log.value, batch) : 'forked';
        if (verdict === 'forked') raise('DeviceLogForked', batch);
        // What was registered while the answer was on its way it cannot have had.
        else if (log.ok && logView(log.value).length < registered) raise('DeviceLogRolledBack', batch);
        return log.ok && verdict !== 'forked' ? log.value : undefined;
      }),
    );
  }

  async #change(
    extend: (log: DeviceLog) => DeviceLog,
    isWanted: (log: DeviceLog) => boolean,
    addition?: Addition,
  ): Promise<Result<null, ClientError>> {
    const { self, directory, peers, ownLog, store, lane } = this.#options;
    const added = addition && deviceIdOf(addition.deviceKey);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const { account, device, mailbox, relayUrl, log } = self.identity;
      if (ownLog.isUnlinked) return err({ type: 'Unlinked' });
      if (!isWanted(log)) return ok(null);
      const next = extend(log);
      const mailboxOf = (id: DeviceId): MailboxId | undefined => {
        if (id === device.id) return mailbox;
        return id === added ? addition?.mailbox : peers.get(account.id)?.addresses[id]?.mailbox;
      };
      const problem = await register({
        ...{ directory, relayUrl, account, log: next, mailboxOf },
        by: { type: 'device', device },
      });
      if (problem === undefined) {
        addition?.registered(next);
        await lane.run(() =>
          inBatch(store, async (batch) => {
            ownLog.adopt(next, batch);
            await addition?.adopted(batch);
          }),
        );
        return ok(null);
      }
      const isBehind = problem.type === 'StaleDeviceLog' || problem.type === 'NotAuthorised';
      if (!isBehind) return err(clientError(problem));
      const before = logView(self.identity.log).length;
      await this.catchUp();
      // The relay refuses, and has nothing newer to show for it.
      if (logView(self.identity.log).length === before) return err(clientError(problem));
    }
    return err({ type: 'Offline' });
  }

  get #authority(): Authority {
    return { type: 'device', device: this.#options.self.identity.device };
  }

  get #now(): number {
    return this.#options.clock.now();
  }
}

/** Room for one more device, and for removing all of them (crypto/SPEC, C-LOG-5). */
function hasRoom(log: DeviceLog): boolean {
  const active = activeDevices(log).length;
  return active < DEVICE_LOG_LIMITS.devices && log.entries.length + active + 2 <= DEVICE_LOG_LIMITS.entries;
}

function logHas(log: DeviceLog, deviceKey: Uint8Array): boolean {
  return log.entries.some(
    (entry) => entry.kind === 'add' && entry.deviceKey.every((byte, index) => byte === deviceKey[index]),
  );
}

/** What the user can make of it. */
export function clientError(error: DirectoryError): ClientError {
  switch (error.type) {
    case 'Offline':
    case 'Unintelligible':
    case 'ServerBusy':
    case 'Internal':
      return { type: 'Offline' };
    case 'RateLimited':
      return { type: 'RateLimited', retryAfter: 60_000 };
    default:
      return { type: 'RelayRefused', code: error.type };
  }
}
