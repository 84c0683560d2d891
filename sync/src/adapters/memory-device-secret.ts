/** A device secret for Node: tests, the simulation and benchmarks. The key lives as long as the object. */
import { type Random, deriveKey, createMasterKey, openValue, sealValue } from '@securechat/crypto';
import type { DeviceSecret } from '../ports/device-secret.ts';

const AD = new TextEncoder().encode('device secret');

export function createMemoryDeviceSecret(random: Random): DeviceSecret {
  let key = deriveKey(createMasterKey(random), 'device secret');
  return {
    wrap: (secret) => Promise.resolve(sealValue(key, secret, AD, random)),
    unwrap(wrapped) {
      const opened = openValue(key, wrapped, AD);
      return Promise.resolve(opened.ok ? opened.value : undefined);
    },
    forget() {
      key = deriveKey(createMasterKey(random), 'device secret');
      return Promise.resolve();
    },
  };
}
