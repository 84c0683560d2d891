/**
 * Which devices of a contact the user has not accepted yet. Whoever has the twelve words of a recovery phrase can add a
 * device to the account; so one that came by the phrase, or through such a device, is unconfirmed until the user said that
 * it is the contact's. What the user accepted is a number of entries of the contact's device log: the log only grows.
 */
import { type DeviceId, type DeviceLog, allDevices, equalBytes } from '@securechat/crypto';

export interface Unconfirmed {
  readonly id: DeviceId;
  /** Number of the entry, from 0, that added it. */
  readonly entry: number;
}

/** The active devices that need the user's word, in order of their adding. `confirmedTo`: entries that were accepted. */
export function unconfirmedDevices(log: DeviceLog, confirmedTo: number): readonly Unconfirmed[] {
  const devices = allDevices(log);
  const found = new Map<DeviceId, Unconfirmed>();
  for (const [entry, statement] of log.entries.entries()) {
    if (statement.kind !== 'add' || entry < confirmedTo) continue;
    const added = devices.find(({ publicKey }) => equalBytes(publicKey, statement.deviceKey));
    const authority = devices.find(({ publicKey }) => equalBytes(publicKey, statement.by));
    const isDoubtful = added?.by === 'recovery' || (authority !== undefined && found.has(authority.id));
    if (added !== undefined && isDoubtful) found.set(added.id, { id: added.id, entry });
  }
  const active = new Set(devices.flatMap(({ id, removedAt }) => (removedAt === undefined ? [id] : [])));
  return [...found.values()].filter(({ id }) => active.has(id));
}
