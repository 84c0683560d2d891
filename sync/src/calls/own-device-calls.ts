/** Calls about one's own devices: linking one, renaming, unlinking, and the recovery phrase. */
import {
  type DeviceId,
  createRecovery,
  recoveryKeyOf,
  recoveryWords,
  sealEscrow,
  toDeviceId,
} from '@securechat/crypto';
import { NAME_LIMIT } from '../api.ts';
import type { Engine } from '../engine.ts';
import { type Handlers, done, refused } from './answers.ts';

type Names = 'readLinkCode' | 'confirmLink' | 'declineLink' | 'renameDevice' | 'unlinkDevice' | 'createRecovery';

export function ownDeviceCalls(engine: Engine): Handlers<Names> {
  return {
    readLinkCode: ({ text }) => engine.linkHost.read(text),
    confirmLink: () => engine.linkHost.confirm(),
    async declineLink() {
      await engine.linkHost.decline();
      return done(null);
    },
    async renameDevice({ deviceId, name }) {
      const id = ownDevice(engine, deviceId);
      const trimmed = name.trim();
      if (id === undefined) return refused({ type: 'UnknownDevice' });
      if (trimmed === '') return refused({ type: 'NameEmpty' });
      if (trimmed.length > NAME_LIMIT) return refused({ type: 'TooLong', limit: NAME_LIMIT });
      await engine.personal.devices.set(id, { name: trimmed });
      return done(null);
    },
    async unlinkDevice({ deviceId }) {
      const id = ownDevice(engine, deviceId);
      // Whoever wants to leave with this one erases it: an account without a device could not be used by anyone.
      if (id === undefined || id === engine.self.identity.device.id) return refused({ type: 'UnknownDevice' });
      const removed = await engine.membership.remove(id);
      if (!removed.ok) return removed;
      await engine.personal.devices.remove(id);
      return done(null);
    },
    async createRecovery() {
      const recovery = createRecovery(engine.random);
      const escrow = sealEscrow(recovery, engine.self.identity.account);
      const set = await engine.membership.setRecovery({ recoveryKey: recoveryKeyOf(recovery), escrow });
      return set.ok ? done({ words: recoveryWords(recovery) }) : set;
    },
  };
}

function ownDevice(engine: Engine, text: string): DeviceId | undefined {
  const id = toDeviceId(text);
  const { device } = engine.self.identity;
  return id !== undefined && [device, ...engine.ownLog.siblings].some((own) => own.id === id) ? id : undefined;
}
