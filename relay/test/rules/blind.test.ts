import { endpoints, toBase64Url } from '@securechat/relay-protocol';
import { expect, it } from 'vitest';
import { DEFAULT_CONFIG, memoryMailboxes, type Log } from '../../src/index.ts';
import { randomId, type Person } from '../people.ts';
import { spyOn } from '../spy-store.ts';
import { bytesOf, World } from '../world.ts';

/** Everything by which one could recognise these people in a log. */
function marksOf(people: readonly Person[], ids: readonly Uint8Array[], texts: readonly string[]): string[] {
  const raw = people.flatMap((p) => [p.mailbox, p.account.publicKey, p.device.publicKey]).concat(ids);
  const spelled = raw.flatMap((bytes) => [
    toBase64Url(bytes),
    Buffer.from(bytes).toString('hex'),
    Buffer.from(bytes).toString('base64'),
  ]);
  return [...spelled, ...people.flatMap((p) => [p.accountId, p.deviceId]), ...texts];
}

it('R-BLIND-1: logs and metrics hold no id, address, handle or content, whatever happens', async () => {
  const lines: string[] = [];
  const keep = (facts: object, event: string): void => void lines.push(JSON.stringify({ ...facts, event }));
  const log: Log = { info: keep, warn: keep, error: keep };
  const store = spyOn(memoryMailboxes({ count: 2, bytes: 1000 }));
  const world = new World({ store, log, config: { ...DEFAULT_CONFIG, retentionMs: 1000 } });
  const people = [await world.join(), await world.join()];
  const [ann, bob] = people;
  if (ann === undefined || bob === undefined) throw new Error('nobody joined');
  await world.call(endpoints.putHandle, { handle: 'canary.handle' }, { token: await world.tokenOf(ann) });
  await world.call(endpoints.claimPreKeys, { accountId: bob.accountId }, { address: '203.0.113.77' });
  const meeting = randomId();
  const params = { rendezvousId: toBase64Url(meeting), slot: '0' };
  for (const data of [bytesOf('canary-content'), bytesOf('canary-other')])
    await world.call(endpoints.putRendezvous, { data }, { params, address: '203.0.113.77' });
  await world.call(endpoints.rendezvous, {}, { params });
  await world.call(endpoints.recovery, {}, { params: { recoveryId: ann.accountId } });
  const socket = await world.connect(ann);
  const ids = [1, 2, 3].map(() => socket.post([bob.mailbox, randomId()], bytesOf('canary-content')));
  await world.clock.advance(5);
  (await world.connect(bob)).connection.receive(Uint8Array.of(0x55));
  await world.clock.advance(20 * 60_000);
  store.isBroken = true;
  socket.post([bob.mailbox], bytesOf('canary-content'));
  await world.connect(bob);
  await world.clock.advance(5);
  const metrics = await (await world.relay.http(new Request('http://relay.test/metrics'), { address: '' })).text();

  expect(lines.length).toBeGreaterThan(2);
  const everything = lines.join('\n') + metrics;
  const marks = marksOf(people, [...ids, meeting], ['canary', '203.0.113.77', '192.0.2.1']);
  expect(marks.filter((mark) => everything.includes(mark))).toEqual([]);
});
