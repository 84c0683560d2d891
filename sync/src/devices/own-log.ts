/**
 * This account's own device log as this device knows it: it only grows, whoever of the own devices wrote the new entries
 * and whoever brought them (the relay, an own device, a contact). Knows who the other own devices are, and whether this
 * one is still among them.
 */
import {
  type AccountId,
  type DeviceLog,
  type LoggedDevice,
  activeDevices,
  compareLogs,
  logView,
} from '@securechat/crypto';
import type { Batch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import { putIdentity } from '../identity/identity.ts';
import { type Peers, newPeer } from '../peers/peers.ts';

export interface OwnLogOptions {
  readonly self: Self;
  readonly peers: Peers;
  /** After the commit: the log says more than it did. */
  readonly grew: (before: DeviceLog, after: DeviceLog) => void;
}

export class OwnLog {
  readonly #options: OwnLogOptions;

  constructor(options: OwnLogOptions) {
    this.#options = options;
  }

  get me(): AccountId {
    return this.#options.self.identity.account.id;
  }

  /** The other own devices, in order of their adding. */
  get siblings(): readonly LoggedDevice[] {
    const { log, device } = this.#options.self.identity;
    return activeDevices(log).filter(({ id }) => id !== device.id);
  }

  /** Another own device ended this one's membership. Never taken back. */
  get isUnlinked(): boolean {
    const { log, device } = this.#options.self.identity;
    return !activeDevices(log).some(({ id }) => id === device.id);
  }

  /** This device was added with the recovery phrase. */
  get isRestored(): boolean {
    const { log, device } = this.#options.self.identity;
    return activeDevices(log).some(({ id, by }) => id === device.id && by === 'recovery');
  }

  /** The own account is a peer too: its devices are written to like anybody's. Lane job's part, at every start. */
  settle(batch: Batch): void {
    const { self, peers } = this.#options;
    const { account, log, relayUrl } = self.identity;
    const known = peers.get(account.id, batch) ?? newPeer(account.id, account.publicKey, relayUrl);
    const isSettled = known.log !== undefined && compareLogs(known.log, log) === 'same';
    if (!isSettled) peers.put(batch, { ...known, log, accepts: true });
  }

  /** Takes up a log that continues the known one; answers how it relates. Lane job's part. */
  adopt(log: DeviceLog, batch: Batch): ReturnType<typeof compareLogs> {
    const { self, peers, grew } = this.#options;
    const before = self.identity.log;
    const verdict = compareLogs(before, log);
    if (verdict !== 'ahead') return verdict;
    // Whoever wrote it registered it first.
    putIdentity(batch, { ...self.identity, log, registered: logView(log).length });
    const peer = peers.get(this.me, batch);
    if (peer !== undefined) peers.put(batch, { ...peer, log });
    batch.then(() => {
      if (compareLogs(self.identity.log, log) !== 'ahead') return;
      self.identity = { ...self.identity, log, registered: logView(log).length };
      grew(before, log);
    });
    return verdict;
  }
}
