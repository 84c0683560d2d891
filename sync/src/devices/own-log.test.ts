import { encodeDeviceLog, ready, startDeviceLog } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { NOW } from '../../test/support/party.ts';
import { deviceNamed, openOwn } from '../../test/support/own-account.ts';
import { inBatch } from '../batch.ts';
import { loadIdentity, putPreKeys } from '../identity/identity.ts';
import { Peers } from '../peers/peers.ts';

beforeAll(ready);

const tablet = () => deviceNamed('tablet');
const laptop = () => deviceNamed('laptop');

describe('own log', () => {
  it('S-OWN-6 a longer log is taken up, stored and heard of once; the same or a shorter one changes nothing', async () => {
    const the = await openOwn();
    const { log: one } = the.self.identity;
    const two = the.plus(one, tablet());
    const three = the.plus(two, laptop());
    const adopt = (log: typeof one) => inBatch(the.store, (batch) => the.ownLog.adopt(log, batch));
    expect([await adopt(three), await adopt(three), await adopt(two), await adopt(one)]).toEqual([
      ...['ahead', 'same', 'behind', 'behind'],
    ]);
    expect(the.grown).toEqual([[1, 3]]);
    expect(the.ownLog.siblings.map(({ id }) => id)).toEqual([tablet().id, laptop().id]);
    await inBatch(the.store, (batch) => {
      putPreKeys(batch, the.self.preKeys);
    });
    const stored = await loadIdentity(the.store);
    expect(stored?.identity).toMatchObject({ registered: 3 });
    expect(encodeDeviceLog(stored?.identity.log ?? one)).toEqual(encodeDeviceLog(three));
    const peers = new Peers();
    await peers.load(the.store);
    expect(peers.get(the.ownLog.me)?.log?.entries).toHaveLength(3);
  });

  it('S-OWN-6 another line is never taken up, however long', async () => {
    const the = await openOwn();
    const { log, account, device } = the.self.identity;
    const mine = the.plus(log, tablet());
    await inBatch(the.store, (batch) => the.ownLog.adopt(mine, batch));
    const other = the.plus(the.plus(the.plus(log, laptop()), deviceNamed('a')), deviceNamed('b'));
    const anew = startDeviceLog(account, device, NOW + 1);
    for (const forked of [other, anew, the.plus(the.plus(anew, tablet()), laptop())])
      expect(await inBatch(the.store, (batch) => the.ownLog.adopt(forked, batch))).toBe('forked');
    expect(the.self.identity.log).toBe(mine);
    expect(the.grown).toHaveLength(1);
  });

  it('S-OWN-6 nothing is taken up that could not be stored', async () => {
    const the = await openOwn();
    const { log } = the.self.identity;
    const failing = { ...the.store, commit: () => Promise.reject(new Error('no room')) };
    const adopting = inBatch(failing, (batch) => the.ownLog.adopt(the.plus(log, tablet()), batch));
    await expect(adopting).rejects.toThrow('no room');
    expect([the.self.identity.log, the.grown, the.peers.get(the.ownLog.me)?.log]).toEqual([log, [], log]);
  });

  it('S-OWN-6 a log without this device means that it is unlinked, for good', async () => {
    const the = await openOwn();
    const { log, device } = the.self.identity;
    const two = the.plus(log, tablet());
    const removed = the.minus(two, device, tablet());
    await inBatch(the.store, (batch) => the.ownLog.adopt(two, batch));
    expect(the.ownLog.isUnlinked).toBe(false);
    await inBatch(the.store, (batch) => the.ownLog.adopt(removed, batch));
    expect([the.ownLog.isUnlinked, the.ownLog.isRestored]).toEqual([true, false]);
    expect(await inBatch(the.store, (batch) => the.ownLog.adopt(two, batch))).toBe('behind');
    expect(the.ownLog.isUnlinked).toBe(true);
  });
});
