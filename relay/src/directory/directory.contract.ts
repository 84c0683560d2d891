/** What every directory must do. Adapters run this suite from their own test file. */
import type { MailboxId } from '@securechat/relay-protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AccountEntry, DeviceEntry, Directory, RecoveryEntry, RegisterError } from './port.ts';

const hashOf = (n: number): string => String(n).padEnd(43, 'A');
const device = (n: number, mailbox = n): DeviceEntry => ({
  deviceId: hashOf(n),
  deviceKey: new Uint8Array(32).fill(n),
  mailbox: new Uint8Array(16).fill(mailbox) as MailboxId,
});
const account = (
  n: number,
  version: number,
  devices: readonly DeviceEntry[],
  change: Partial<AccountEntry> = {},
): AccountEntry => ({
  accountId: hashOf(n),
  accountKey: new Uint8Array(32).fill(n),
  version,
  deviceLog: Uint8Array.of(n, version),
  devices,
  by: devices[0]?.deviceKey ?? new Uint8Array(32),
  ...change,
});
const by = (n: number) => ({ by: device(n).deviceKey });
const recovery = (n: number): RecoveryEntry => ({ recoveryId: hashOf(n), recoveryKey: new Uint8Array(32).fill(n) });
const taken = (...removed: DeviceEntry[]) => ({ ok: true, value: { removed } });
const refused = (type: RegisterError['type']) => ({ ok: false, error: { type } });
const oneTime = (...ids: number[]) => ids.map((id) => ({ id, bytes: Uint8Array.of(id, id) }));

/** Declares the suite. `make` gives an empty directory. */
export function describeDirectory(name: string, make: () => Directory): void {
  describe(`directory: ${name}`, () => {
    let directory: Directory;
    beforeEach(async () => {
      directory = make();
      await directory.register(account(1, 3, [device(11), device(12)]));
    });

    it('finds what was registered, by account and by device', async () => {
      expect(await directory.account(hashOf(1))).toMatchObject({
        accountKey: new Uint8Array(32).fill(1),
        version: 3,
        deviceLog: Uint8Array.of(1, 3),
      });
      expect(await directory.device(hashOf(12))).toMatchObject({ ...device(12), accountId: hashOf(1) });
      expect(await directory.account(hashOf(9))).toBeUndefined();
      expect(await directory.device(hashOf(9))).toBeUndefined();
    });

    it('takes a later version and tells who is gone', async () => {
      const answer = await directory.register(account(1, 4, [device(12), device(13)]));
      expect(answer).toEqual(taken(device(11)));
      expect(await directory.device(hashOf(11))).toBeUndefined();
      expect((await directory.device(hashOf(13)))?.mailbox).toEqual(device(13).mailbox);
    });

    it('takes the same version only when it says the same', async () => {
      const both = [device(11), device(12)];
      expect(await directory.register(account(1, 3, both))).toEqual(taken());
      const stale = refused('StaleDeviceLog');
      expect(await directory.register(account(1, 3, both, { deviceLog: Uint8Array.of(7) }))).toEqual(stale);
      expect(await directory.register(account(1, 3, both, { recovery: recovery(61) }))).toEqual(stale);
      expect(await directory.register(account(1, 3, [device(11)]))).toEqual(stale);
      expect(await directory.register(account(1, 2, [device(11)]))).toEqual(stale);
    });

    it('takes a first one from a device that it names, and from nobody else', async () => {
      const first = (change: Partial<AccountEntry>) => directory.register(account(2, 1, [device(21)], change));
      expect(await first(by(22))).toEqual(refused('NotAuthorised'));
      expect(await first({ recovery: recovery(62), by: recovery(62).recoveryKey })).toEqual(refused('NotAuthorised'));
      expect(await directory.account(hashOf(2))).toBeUndefined();
      expect(await first(by(21))).toEqual(taken());
    });

    it('takes a later one from a device of the stored one, whoever is in the later', async () => {
      const later = (change: Partial<AccountEntry>) => directory.register(account(1, 4, [device(13)], change));
      expect(await later(by(13))).toEqual(refused('NotAuthorised'));
      expect(await directory.device(hashOf(11))).toBeDefined();
      expect(await later(by(12))).toEqual(taken(device(11), device(12)));
      expect(await directory.register(account(1, 5, [device(12), device(13)], by(12)))).toEqual(
        refused('NotAuthorised'),
      );
      expect((await directory.account(hashOf(1)))?.version).toBe(4);
    });

    it('takes a later one from the recovery key of the stored one, whichever is in the later', async () => {
      const [old, fresh] = [recovery(61), recovery(62)];
      const saved = account(1, 4, [device(11)], { recovery: old });
      expect(await directory.register({ ...saved, by: old.recoveryKey })).toEqual(refused('NotAuthorised'));
      expect(await directory.register(saved)).toEqual(taken(device(12)));
      const restored = account(1, 5, [device(13)], { recovery: fresh });
      expect(await directory.register({ ...restored, by: fresh.recoveryKey })).toEqual(refused('NotAuthorised'));
      expect(await directory.register({ ...restored, by: old.recoveryKey })).toEqual(taken(device(11)));
      const again = account(1, 6, [device(14)], { by: old.recoveryKey });
      expect(await directory.register(again)).toEqual(refused('NotAuthorised'));
      expect(await directory.register({ ...again, by: fresh.recoveryKey })).toEqual(taken(device(13)));
      expect(await directory.register(account(1, 7, [device(15)], { by: fresh.recoveryKey }))).toEqual(
        refused('NotAuthorised'),
      );
    });

    it('takes the same said again from a device that is in it, or from whom it had it', async () => {
      const left = account(1, 4, [device(11)], by(12));
      expect(await directory.register(left)).toEqual(taken(device(12)));
      expect(await directory.register({ ...left, ...by(11) })).toEqual(taken());
      expect(await directory.register({ ...left, ...by(13) })).toEqual(refused('NotAuthorised'));
      expect(await directory.register(left)).toEqual(taken());
    });

    it('finds an account by the recovery key in force, and forgets the one before', async () => {
      const find = (n: number) => directory.byRecovery(hashOf(n));
      await directory.register(account(1, 4, [device(11)], { recovery: recovery(61) }));
      const found = { accountKey: new Uint8Array(32).fill(1), version: 4, deviceLog: Uint8Array.of(1, 4) };
      expect(await find(61)).toMatchObject(found);
      await directory.register(account(1, 5, [device(11)], { recovery: recovery(62) }));
      expect([await find(61), await find(63)]).toEqual([undefined, undefined]);
      expect(await find(62)).toMatchObject({ ...found, version: 5, deviceLog: Uint8Array.of(1, 5) });
      await directory.register(account(1, 6, [device(11)]));
      expect(await find(62)).toBeUndefined();
    });

    it('gives a recovery key to one account, and to another once it is free', async () => {
      const other = account(2, 1, [device(21)], { recovery: recovery(61) });
      await directory.register(account(1, 4, [device(11)], { recovery: recovery(61) }));
      expect(await directory.register(other)).toEqual(refused('RecoveryTaken'));
      expect(await directory.account(hashOf(2))).toBeUndefined();
      await directory.register(account(1, 5, [device(11)]));
      expect(await directory.register(other)).toEqual(taken());
      expect((await directory.byRecovery(hashOf(61)))?.accountKey).toEqual(other.accountKey);
    });

    it('gives no device and no mailbox to a second owner, and changes nothing then', async () => {
      const notFree = refused('MailboxTaken');
      expect(await directory.register(account(2, 1, [device(11, 99)]))).toEqual(notFree);
      expect(await directory.register(account(2, 1, [device(21, 12)]))).toEqual(notFree);
      expect(await directory.register(account(1, 4, [device(11, 98)]))).toEqual(notFree);
      expect(await directory.account(hashOf(2))).toBeUndefined();
      expect((await directory.account(hashOf(1)))?.version).toBe(3);
    });

    it('hands a one-time pre-key out once, lowest id first, and then the bundle without one', async () => {
      await directory.publishPreKeys(hashOf(11), Uint8Array.of(5), oneTime(2, 1));
      expect(await directory.countPreKeys(hashOf(11))).toBe(2);
      const claims = [];
      for (let n = 0; n < 3; n++) claims.push(await directory.claim(hashOf(1), undefined, true));
      expect(claims.map((claim) => claim?.devices[0]?.oneTime)).toEqual([...oneTime(1, 2), undefined]);
      expect(claims[2]?.devices).toEqual([
        { deviceKey: device(11).deviceKey, mailbox: device(11).mailbox, signed: Uint8Array.of(5) },
      ]);
      expect(claims[2]?.deviceLog).toEqual(Uint8Array.of(1, 3));
      expect(await directory.countPreKeys(hashOf(11))).toBe(0);
    });

    it('keeps them when the claim is not to have any', async () => {
      await directory.publishPreKeys(hashOf(11), Uint8Array.of(5), oneTime(1));
      expect((await directory.claim(hashOf(1), undefined, false))?.devices[0]?.oneTime).toBeUndefined();
      expect(await directory.countPreKeys(hashOf(11))).toBe(1);
    });

    it('claims only of the devices asked for, and only those that published', async () => {
      await directory.publishPreKeys(hashOf(12), Uint8Array.of(6), []);
      expect((await directory.claim(hashOf(1), undefined, true))?.devices.length).toBe(1);
      expect((await directory.claim(hashOf(1), [hashOf(11)], true))?.devices).toEqual([]);
      expect((await directory.claim(hashOf(1), [hashOf(12), hashOf(99)], true))?.devices.length).toBe(1);
      expect(await directory.claim(hashOf(9), undefined, true)).toBeUndefined();
    });

    it('offers exactly what was published last, and never again what was handed out', async () => {
      await directory.publishPreKeys(hashOf(11), Uint8Array.of(5), oneTime(1, 2, 3));
      await directory.claim(hashOf(1), undefined, true);
      await directory.publishPreKeys(hashOf(11), Uint8Array.of(6), oneTime(1, 3, 4));
      expect(await directory.countPreKeys(hashOf(11))).toBe(2);
      const next = await directory.claim(hashOf(1), undefined, true);
      expect(next?.devices[0]).toMatchObject({ signed: Uint8Array.of(6), oneTime: oneTime(3)[0] });
    });

    it('takes new bytes under an old id as a new key', async () => {
      await directory.publishPreKeys(hashOf(11), Uint8Array.of(5), oneTime(1));
      await directory.claim(hashOf(1), undefined, true);
      await directory.publishPreKeys(hashOf(11), Uint8Array.of(5), [{ id: 1, bytes: Uint8Array.of(77) }]);
      expect((await directory.claim(hashOf(1), undefined, true))?.devices[0]?.oneTime?.bytes).toEqual(
        Uint8Array.of(77),
      );
    });

    it('forgets the pre-keys of a device that was removed', async () => {
      await directory.publishPreKeys(hashOf(11), Uint8Array.of(5), oneTime(1));
      await directory.register(account(1, 4, [device(12)]));
      expect((await directory.claim(hashOf(1), undefined, true))?.devices).toEqual([]);
      await directory.register(account(1, 5, [device(11), device(12)], by(12)));
      expect(await directory.countPreKeys(hashOf(11))).toBe(0);
    });

    it('gives a handle to one account, and an account one handle', async () => {
      await directory.register(account(2, 1, [device(21)]));
      expect(await directory.putHandle(hashOf(1), 'ann')).toBe(true);
      expect(await directory.putHandle(hashOf(1), 'ann')).toBe(true);
      expect(await directory.putHandle(hashOf(2), 'ann')).toBe(false);
      expect(await directory.byHandle('ann')).toEqual({ accountId: hashOf(1), accountKey: new Uint8Array(32).fill(1) });
      await directory.putHandle(hashOf(1), 'anna');
      expect(await directory.byHandle('ann')).toBeUndefined();
      expect(await directory.putHandle(hashOf(2), 'ann')).toBe(true);
      await directory.dropHandle(hashOf(1));
      expect(await directory.byHandle('anna')).toBeUndefined();
    });
  });
}
