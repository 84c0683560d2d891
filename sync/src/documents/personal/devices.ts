/** What the user's devices are called and when they were last heard of. Only own devices ever see it. */
import type { DeviceId } from '@securechat/crypto';
import type { Readable } from '../../readable.ts';
import { type Fields, FieldMap } from './fields.ts';
import { type FlatDocument, type Shape, fieldOf, highest } from './flat-document.ts';

export interface DeviceEntry {
  /** Empty: the user gave none. */
  readonly name: string;
  readonly addedAt: number;
  /** Milliseconds, to the hour; absent when it was never heard of. */
  readonly lastSeen?: number;
}

export interface DevicesDocument extends Readable<ReadonlyMap<DeviceId, DeviceEntry>> {
  set(deviceId: DeviceId, change: { readonly name?: string; readonly addedAt?: number }): Promise<void>;
  /** Raises `lastSeen`, by whole hours: nothing is written, and nothing sent, for less. */
  seen(deviceId: DeviceId, time: number): Promise<void>;
  remove(deviceId: DeviceId): Promise<void>;
}

/** Of rival times of one device, the later one counts. */
export const DEVICES: Shape = {
  name: 'devices',
  tables: ['devices'],
  choose: (key, rivals) => (fieldOf(key) === 'lastSeen' ? highest(rivals) : undefined),
};

const HOUR = 3600_000;

export function devicesDocument(document: FlatDocument): DevicesDocument {
  const fields = new FieldMap<DeviceId, DeviceEntry>(document, 'devices', readDevice);
  return {
    get: () => fields.source.get(),
    subscribe: (onChange) => fields.source.subscribe(onChange),
    set: (deviceId, change) => fields.write(deviceId, { ...change }),
    seen: async (deviceId, time) => {
      const lastSeen = Math.floor(time / HOUR) * HOUR;
      if (lastSeen > (fields.source.get().get(deviceId)?.lastSeen ?? 0)) await fields.write(deviceId, { lastSeen });
    },
    remove: (deviceId) => fields.remove(deviceId),
  };
}

function readDevice(fields: Fields): DeviceEntry {
  const [name, addedAt, lastSeen] = [fields.get('name'), fields.get('addedAt'), fields.get('lastSeen')];
  return {
    name: typeof name === 'string' ? name : '',
    addedAt: typeof addedAt === 'number' ? addedAt : 0,
    ...(typeof lastSeen === 'number' && { lastSeen }),
  };
}
