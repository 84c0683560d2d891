import { LIMITS } from '@securechat/relay-protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG, memoryMailboxes } from '../../src/index.ts';
import { createPerson, randomId, type Person } from '../people.ts';
import { spyOn, type SpyStore } from '../spy-store.ts';
import { bytesOf, World, type TestSocket } from '../world.ts';

describe('posting', () => {
  let world: World;
  let store: SpyStore;
  let [ann, bob, cid]: Person[] = [];
  let fromAnn: TestSocket;

  const person = (one: Person | undefined): Person => one ?? createPerson();
  beforeEach(async () => {
    store = spyOn(memoryMailboxes({ count: 3, bytes: 1000 }));
    world = new World({ store });
    ann = await world.join();
    bob = await world.join();
    cid = await world.join();
    fromAnn = await world.connect(ann);
    store.commits = 0;
  });

  const answers = (): string[] =>
    fromAnn.received.map((frame) => frame.type).filter((type) => /accepted|refused/.test(type));

  it('R-POST-1: is answered exactly once, with the mailboxes that it did not reach', async () => {
    const atBob = await world.connect(person(bob));
    const nobody = randomId();
    const id = fromAnn.post([person(bob).mailbox, nobody, person(cid).mailbox], bytesOf('hi'));
    atBob.ack(id);
    await world.clock.advance(5000);
    expect(answers()).toEqual(['refused']);
    expect(fromAnn.all('refused')).toEqual([
      { type: 'refused', id, failures: [{ mailbox: nobody, code: 'MailboxUnknown' }] },
    ]);
    expect(atBob.delivered).toEqual(['hi']);
    expect(await world.store.usage(person(cid).mailbox)).toEqual({ count: 1, bytes: 2 });
  });

  it('R-POST-2: is accepted only when every recipient has acked or the envelope is durable', async () => {
    const [atBob, atCid] = [await world.connect(person(bob)), await world.connect(person(cid))];
    const id = fromAnn.post([person(bob).mailbox, person(cid).mailbox], bytesOf('hi'));
    expect(answers()).toEqual([]);
    atBob.ack(id);
    expect(answers()).toEqual([]);
    atCid.ack(id);
    expect(answers()).toEqual(['accepted']);
  });

  it('R-POST-3: to a device that is online and quick touches no disk', async () => {
    const atBob = await world.connect(person(bob));
    store.commits = 0;
    for (let n = 0; n < 50; n++) atBob.ack(fromAnn.post([person(bob).mailbox], bytesOf(String(n))));
    await world.clock.advance(10_000);
    expect(answers().length).toBe(50);
    expect(store.commits).toBe(0);
  });

  it('R-POST-4: goes to disk when no ack comes in time, and is accepted then; the late ack takes it out again', async () => {
    const atBob = await world.connect(person(bob));
    const id = fromAnn.post([person(bob).mailbox], bytesOf('slow'));
    await world.clock.advance(DEFAULT_CONFIG.ackPatienceMs - 1);
    expect(answers()).toEqual([]);
    await world.clock.advance(5);
    expect(answers()).toEqual(['accepted']);
    expect((await store.usage(person(bob).mailbox))?.count).toBe(1);
    atBob.ack(id);
    await world.clock.advance(5);
    expect((await store.usage(person(bob).mailbox))?.count).toBe(0);
    expect(atBob.delivered).toEqual(['slow']);
  });

  it('R-POST-5: to a device that is away is queued, many in one commit, and accepted after it', async () => {
    for (const text of ['1', '2', '3']) fromAnn.post([person(bob).mailbox], bytesOf(text));
    expect(answers()).toEqual([]);
    await world.clock.advance(5);
    expect(answers()).toEqual(['accepted', 'accepted', 'accepted']);
    expect(store.commits).toBe(1);
    expect((await world.connect(person(bob))).delivered).toEqual(['1', '2', '3']);
  });

  it('R-POST-6: to a full mailbox is refused with MailboxFull and stored nowhere; other recipients get it', async () => {
    for (const text of ['1', '2', '3']) fromAnn.post([person(bob).mailbox], bytesOf(text));
    const id = fromAnn.post([person(bob).mailbox, person(cid).mailbox], bytesOf('4'));
    await world.clock.advance(5);
    expect(fromAnn.all('refused')).toEqual([
      { type: 'refused', id, failures: [{ mailbox: person(bob).mailbox, code: 'MailboxFull' }] },
    ]);
    expect((await world.connect(person(cid))).delivered).toEqual(['4']);
    expect((await world.connect(person(bob))).delivered).toEqual(['1', '2', '3']);
  });

  it('R-POST-7: repeated with the same id is answered again and delivered once: queued, on the wire, or acked', async () => {
    const id = fromAnn.post([person(bob).mailbox], bytesOf('queued'));
    fromAnn.post([person(bob).mailbox], bytesOf('queued'), { id });
    await world.clock.advance(5);
    const atBob = await world.connect(person(bob));
    fromAnn.post([person(bob).mailbox], bytesOf('queued'), { id });
    atBob.ack(id);
    await world.clock.advance(5);
    fromAnn.post([person(bob).mailbox], bytesOf('queued'), { id });
    await world.clock.advance(2000);
    expect(answers()).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);

    const direct = fromAnn.post([person(bob).mailbox], bytesOf('direct'));
    fromAnn.post([person(bob).mailbox], bytesOf('direct'), { id: direct });
    atBob.ack(direct);
    fromAnn.post([person(bob).mailbox], bytesOf('direct'), { id: direct });
    expect(answers().length).toBe(7);
    expect(atBob.delivered).toEqual(['queued', 'direct']);
    atBob.hangUp();
    fromAnn.post([person(bob).mailbox], bytesOf('direct'), { id: direct });
    await world.clock.advance(5);
    expect((await world.connect(person(bob))).delivered).toEqual([]);
  });

  it('R-POST-8: needs no sign-in', async () => {
    const stranger = world.dial('198.51.100.9');
    const id = stranger.post([person(bob).mailbox], bytesOf('sealed'));
    await world.clock.advance(5);
    expect(stranger.received).toEqual([{ type: 'accepted', id }]);
    expect((await world.connect(person(bob))).delivered).toEqual(['sealed']);
  });

  it('R-POST-9: is refused with ServerBusy when the disk is in trouble, and works again afterwards', async () => {
    store.isBroken = true;
    const id = fromAnn.post([person(bob).mailbox], bytesOf('hi'));
    await world.clock.advance(5);
    expect(fromAnn.all('refused')[0]?.failures[0]?.code).toBe('ServerBusy');
    store.isBroken = false;
    fromAnn.post([person(bob).mailbox], bytesOf('hi'), { id });
    await world.clock.advance(5);
    expect(answers()).toEqual(['refused', 'accepted']);
  });

  it('R-POST-10: to nobody is accepted, to one mailbox twice is delivered once', async () => {
    fromAnn.post([], bytesOf('void'));
    expect(answers()).toEqual(['accepted']);
    fromAnn.post([person(bob).mailbox, person(bob).mailbox], bytesOf('once'));
    await world.clock.advance(5);
    expect(answers()).toEqual(['accepted', 'accepted']);
    expect((await world.connect(person(bob))).delivered).toEqual(['once']);
  });

  it('R-POST-11: ephemeral reaches only who is online now, touches no disk, and is accepted regardless', async () => {
    const atBob = await world.connect(person(bob));
    store.commits = 0;
    const id = fromAnn.post([person(bob).mailbox, person(cid).mailbox, randomId()], bytesOf('typing'), {
      ephemeral: true,
    });
    expect(answers()).toEqual(['accepted']);
    expect(atBob.delivered).toEqual(['typing']);
    atBob.ack(id);
    atBob.hangUp();
    await world.clock.advance(10_000);
    expect(store.commits).toBe(0);
    expect((await world.connect(person(bob))).delivered).toEqual([]);
  });

  it('R-POST-12: of the largest size arrives whole', async () => {
    const roomy = new World();
    const [one, two] = [await roomy.join(), await roomy.join()];
    const data = new Uint8Array(LIMITS.dataBytes).fill(5);
    (await roomy.connect(one)).post([two.mailbox], data);
    await roomy.clock.advance(5);
    expect((await roomy.connect(two)).all('deliver')[0]?.data).toEqual(data);
  });

  it('R-POST-13: delivered but refused for want of disk may be repeated; the ack settles it', async () => {
    const atBob = await world.connect(person(bob));
    store.isBroken = true;
    const id = fromAnn.post([person(bob).mailbox], bytesOf('hi'));
    await world.clock.advance(1100);
    expect(answers()).toEqual(['refused']);
    fromAnn.post([person(bob).mailbox], bytesOf('hi'), { id });
    expect(answers()).toEqual(['refused']);
    atBob.ack(id);
    expect(answers()).toEqual(['refused', 'accepted']);
    expect(atBob.delivered).toEqual(['hi']);
  });
});
