/** What a user wrote on its way into documents and outbox: large healings, clashes with them, and things that go wrong. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { Forger } from '../simulation/forge.ts';
import { type Couple, couple, prepare, send, texts } from '../simulation/setup.ts';

beforeAll(prepare);

function engineOf(device: SimulatedDevice): Engine {
  if (device.engine === undefined) throw new Error('not open');
  return device.engine;
}

function chatOf(device: SimulatedDevice, chatId: string) {
  const chat = engineOf(device).chats.get(chatId as never);
  if (chat === undefined) throw new Error('no chat');
  return chat;
}

/** Both have written, so both have author keys that the other knows. */
async function talking(): Promise<Couple> {
  const here = await couple();
  for (const device of [here.ann, here.bob]) {
    await send(device, here.chatId, `hello from ${device.name}`);
    await here.world.pass(5_000);
  }
  return here;
}

describe('composing', () => {
  it('S-COMPOSE-1 more changes than an envelope holds go out in several, each of which fits', async () => {
    const { ann, chatId, world } = await talking();
    ann.line.cut = true;
    ann.line.hangUp();
    await world.pass(1_000);
    const engine = engineOf(ann);
    const changes = Array.from({ length: 3000 }, () => ({ segment: 0, generation: 0, bytes: new Uint8Array(300) }));
    await engine.job((batch) => {
      engine.composer.push(chatOf(ann, chatId), changes, batch);
    });
    const items = [...engine.outbox.items()];
    const counts = items.flatMap((item) =>
      item.type === 'parts' ? item.parts.flatMap((part) => (part.type === 'changes' ? [part.changes.length] : [])) : [],
    );
    expect(counts.length).toBeGreaterThan(8);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3000);
    engine.kick();
    await engine.idle();
    expect([...engine.outbox.items()].every((item) => item.type === 'envelope')).toBe(true);
    expect(ann.failure).toBeUndefined();
  });

  it('S-COMPOSE-2 what the user wrote before something is healed gets its place before it', async () => {
    const { ann, bob, chatId, world } = await talking();
    const forger = new Forger(bob, chatId);
    const [one, two] = ['one', 'two'].map((text) => forger.change({ body: { kind: 'message', text } }));
    if (one === undefined || two === undefined) throw new Error('two changes');
    await forger.send([one]);
    await world.pass(5_000);
    // The fork arrives in the very moment in which the user writes: composed, and not published yet.
    const engine = engineOf(ann);
    const publish = engine.composer.publishOne.bind(engine.composer);
    let isHeldUp = true;
    engine.composer.publishOne = () => (isHeldUp ? Promise.resolve(false) : publish());
    await send(ann, chatId, 'written before');
    isHeldUp = false;
    await forger.send([two]);
    await world.pass(60_000);
    for (const device of [ann, bob]) {
      expect(await texts(device, chatId)).toEqual(expect.arrayContaining(['written before', 'one']));
      expect(device.failure).toBeUndefined();
    }
    expect(await texts(ann, chatId)).toContain('two');
  });

  it('S-COMPOSE-3 a message that cannot be published stays, is reported, and holds up no other', async () => {
    const { ann, bob, chatId, world } = await talking();
    const engine = engineOf(ann);
    const documents = await engine.chats.documents(chatOf(ann, chatId));
    const append = documents.append.bind(documents);
    let isBroken = true;
    documents.append = (...input) => (isBroken ? Promise.reject(new RangeError('a bug')) : append(...input));
    await send(ann, chatId, 'stuck');
    await world.pass(1_000);
    isBroken = false;
    expect(String(ann.failure)).toContain('a bug');
    await send(ann, chatId, 'goes out');
    await world.pass(60_000);
    expect(await texts(bob, chatId)).toEqual(['hello from Ann', 'hello from Bob', 'goes out']);
    expect((await ann.timeline(chatId)).map((item) => item.tick)).toEqual([
      'delivered',
      undefined,
      'queued',
      'delivered',
    ]);
    await ann.restart();
    await world.pass(60_000);
    expect([...(await texts(bob, chatId))].sort()).toEqual(['goes out', 'hello from Ann', 'hello from Bob', 'stuck']);
  });

  it('S-REPAIR-7 a record that only its number misses is asked for', async () => {
    const { ann, bob, chatId, world } = await talking();
    // Bob writes a record that nothing depends on, and it is lost; then others.
    const forger = new Forger(bob, chatId);
    const chat = chatOf(bob, chatId);
    const engine = engineOf(bob);
    const documents = await engine.chats.documents(chat);
    const lost = forger.change({ n: chat.nextN, body: { kind: 'message', text: 'beside the others' } });
    await documents.ingest([lost], engine.clock.now());
    engine.chats.noteOwn(chat, documents);
    const later = forger.change({
      n: chat.nextN,
      session: new Uint8Array(6).fill(1),
      body: { kind: 'message', text: 'after it' },
    });
    await documents.ingest([later], engine.clock.now());
    engine.chats.noteOwn(chat, documents);
    await forger.send([later]);
    await world.pass(2_000);
    expect(await texts(ann, chatId)).not.toContain('beside the others');
    expect(chatOf(ann, chatId).missing).toBe(1);
    await world.pass(5 * 60_000);
    expect(await texts(ann, chatId)).toEqual(expect.arrayContaining(['beside the others', 'after it']));
    expect(chatOf(ann, chatId).missing).toBe(0);
  });
});
