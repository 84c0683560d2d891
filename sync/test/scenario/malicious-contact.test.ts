/**
 * Mallory is a contact with a modified client: real keys, real sessions, forged changes. Every attack must be refused by
 * its name, and everybody's honest messages must still arrive, also after Bob's device was closed and opened again.
 */
import { type AuthorKey, certifyAuthor, createAuthorKey, proveAuthor, seededRandom } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AlarmType } from '../../src/api.ts';
import type { GuardError } from '../../src/documents/index.ts';
import type { DocumentChange } from '../../src/payload/payload.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { Forger } from '../simulation/forge.ts';
import { addContact, prepare, send, texts } from '../simulation/setup.ts';
import { World } from '../simulation/world.ts';

beforeAll(prepare);

const YEAR = 365 * 24 * 3600_000;

interface Scene {
  readonly world: World;
  readonly bob: SimulatedDevice;
  readonly mallory: SimulatedDevice;
  readonly cleo: SimulatedDevice;
  /** Bob's chats with the two. */
  readonly withMallory: string;
  readonly withCleo: string;
  readonly forger: Forger;
  /** Why Bob's guard refused something, by type. */
  readonly refusals: GuardError['type'][];
  /** Bob's own first message in the chat with Mallory. */
  readonly ofBob: string;
}

/** Bob knows Mallory and Cleo; all three have talked. */
async function scene(): Promise<Scene> {
  const world = new World(21, 0);
  const [bob, mallory, cleo] = [
    await world.addDevice('Bob'),
    await world.addDevice('Mallory'),
    await world.addDevice('Cleo'),
  ];
  await world.pass(1_000);
  for (const other of [mallory, cleo]) await addContact(other, bob);
  const withMallory = await addContact(bob, mallory);
  const withCleo = await addContact(bob, cleo);
  await send(mallory, withMallory, 'hello from Mallory');
  await world.pass(5_000);
  const ofBob = await send(bob, withMallory, 'hello from Bob');
  await world.pass(10_000);
  const refusals = await watchGuard(bob, withMallory);
  return {
    world,
    bob,
    mallory,
    cleo,
    withMallory,
    withCleo,
    forger: new Forger(mallory, withMallory),
    refusals,
    ofBob,
  };
}

async function watchGuard(device: SimulatedDevice, chatId: string): Promise<GuardError['type'][]> {
  const chat = device.engine?.chats.get(chatId as never);
  const documents = chat && (await device.engine?.chats.documents(chat));
  if (documents === undefined) throw new Error('the chat is not open');
  const refusals: GuardError['type'][] = [];
  const ingest = documents.ingest.bind(documents);
  documents.ingest = async (...input) => {
    const ingested = await ingest(...input);
    refusals.push(...ingested.refused.map(({ error }) => error.type));
    return ingested;
  };
  return refusals;
}

/** What must hold after any attack. */
async function expectHarmless({ world, bob, mallory, cleo, withMallory, withCleo }: Scene): Promise<void> {
  await send(mallory, withMallory, 'honest again');
  await send(cleo, withCleo, 'hello from Cleo');
  await world.pass(60_000);
  await bob.restart();
  await send(bob, withMallory, 'still here');
  await send(cleo, withCleo, 'and again');
  await world.pass(10 * 60_000);
  expect(bob.failure).toBeUndefined();
  const honest = ['hello from Mallory', 'hello from Bob', 'honest again', 'still here'];
  expect((await texts(bob, withMallory)).filter((text) => !text.startsWith('attack'))).toEqual(honest);
  expect(await texts(mallory, withMallory)).toEqual(expect.arrayContaining(honest));
  expect(await texts(bob, withCleo)).toEqual(['hello from Cleo', 'and again']);
  expect(world.violations).toEqual([]);
}

function alarmsOf(device: SimulatedDevice): readonly AlarmType[] {
  return device.engine?.alarms.list.get().map((alarm) => alarm.type) ?? [];
}

/** One refused change of Mallory's: `attack` makes it. */
async function expectRefused(
  attack: (scene: Scene) => DocumentChange,
  { error, alarm }: { readonly error: GuardError['type']; readonly alarm: AlarmType },
): Promise<void> {
  const here = await scene();
  await here.forger.send([attack(here)]);
  await here.world.pass(5_000);
  expect(here.refusals).toEqual([error]);
  expect(alarmsOf(here.bob)).toEqual([alarm]);
  await expectHarmless(here);
  expect(await texts(here.bob, here.withMallory)).not.toContain('attack');
}

function authorOf(device: SimulatedDevice, chatId: string): AuthorKey {
  const author = device.engine?.chats.get(chatId as never)?.author;
  if (author === undefined) throw new Error('no author');
  return author;
}

describe('a malicious contact', () => {
  it('S-EVIL-1 who tells two stories under one number: alarm, both kept apart, nothing blocked', async () => {
    const here = await scene();
    const [one, two] = ['attack one', 'attack two'].map((text) =>
      here.forger.change({ body: { kind: 'message', text } }),
    );
    if (one === undefined || two === undefined) throw new Error('two changes');
    await here.forger.send([one]);
    await here.world.pass(5_000);
    await here.forger.send([two]);
    await here.world.pass(5_000);
    expect(here.refusals).toEqual(['Equivocation']);
    expect(alarmsOf(here.bob)).toEqual(['Equivocation']);
    await expectHarmless(here);
    const seen = await texts(here.bob, here.withMallory);
    expect(seen.filter((text) => text.startsWith('attack')).sort()).toEqual(['attack one', 'attack two']);
  });

  it('S-EVIL-1 with a hundred stories under one number: only so many are kept, and healed', async () => {
    const here = await scene();
    const stories = Array.from({ length: 100 }, (_, i) =>
      here.forger.change({ body: { kind: 'message', text: `attack ${String(i)}` } }),
    );
    await here.forger.send(stories, 30);
    await here.world.pass(60_000);
    expect(new Set(here.refusals)).toEqual(new Set(['Equivocation', 'TooManyForks']));
    await expectHarmless(here);
  });

  it('S-EVIL-1 with an absurd startOp', () =>
    expectRefused(({ forger }) => forger.change({ startOp: 2 ** 31 - 2 }), {
      error: 'StartOpOutOfRange',
      alarm: 'MalformedChange',
    }));

  it('S-EVIL-1 on the (actor, seq) of another', () =>
    expectRefused(({ forger, bob, withMallory }) => forger.change({ actorOf: authorOf(bob, withMallory).publicKey }), {
      error: 'StolenActor',
      alarm: 'ForgedRecord',
    }));

  it('S-EVIL-1 in the name of another', () =>
    expectRefused(
      ({ forger, bob, withMallory }) =>
        forger.change({ author: authorOf(bob, withMallory), signer: forger.author, n: 99 }),
      { error: 'BadSignature', alarm: 'ForgedRecord' },
    ));

  it('S-EVIL-1 who overwrites a record of another', () =>
    expectRefused(({ forger, ofBob }) => forger.change({ key: ofBob }), {
      error: 'ForeignKey',
      alarm: 'ForgedRecord',
    }));

  it('S-EVIL-1 with a record dated a year ahead', () =>
    expectRefused(({ forger, world }) => forger.change({ time: { ms: world.clock.now() + YEAR, counter: 0 } }), {
      error: 'DatedAhead',
      alarm: 'ClockAhead',
    }));

  it('S-EVIL-1 with an oversized change', () =>
    expectRefused(() => ({ segment: 0, generation: 0, bytes: new Uint8Array(120_000).fill(7) }), {
      error: 'OversizedChange',
      alarm: 'MalformedChange',
    }));

  it('S-EVIL-1 with a change that inflates', () =>
    expectRefused(
      ({ forger }) => {
        const change = forger.change();
        const bytes = change.bytes.slice();
        bytes[8] = 2; // "compressed", whatever follows
        return { ...change, bytes };
      },
      { error: 'InflatingChange', alarm: 'MalformedChange' },
    ));

  it('S-EVIL-1 with 20,000 orphans', async () => {
    const here = await scene();
    const orphans = Array.from({ length: 20_000 }, (_, i) =>
      // Once the share is used up, a signature is not even looked at.
      here.forger.change({ n: 100 + i, deps: [(i + 1).toString(16).padStart(64, '0')], unsigned: i >= 1_500 }),
    );
    await here.forger.send(orphans);
    await here.world.pass(60_000);
    expect(new Set(here.refusals)).toEqual(new Set(['TooManyOrphans']));
    expect(here.refusals.length).toBe(20_000 - 1024);
    expect(alarmsOf(here.bob)).toEqual(['MalformedChange']);
    await expectHarmless(here);
  }, 120_000);

  it('S-EVIL-1 with author keys without end: only so many count', async () => {
    const here = await scene();
    const { chatId } = here.forger;
    const device = here.mallory.engine?.self.identity.device;
    if (device === undefined) throw new Error('not open');
    const random = seededRandom(new Uint8Array(32).fill(5));
    for (let i = 0; i < 40; i += 1) {
      const author = createAuthorKey(random);
      await here.forger.say([
        {
          ...{ type: 'author', chatId, key: author.publicKey, deviceKey: device.publicKey },
          proof: proveAuthor(author, chatId, device.id),
          certificate: certifyAuthor(device, chatId, author.publicKey),
        },
      ]);
    }
    await here.world.pass(10_000);
    expect(here.bob.engine?.chats.get(chatId)?.authors.size).toBe(3); // Bob's own, Mallory's, and one more
    await expectHarmless(here);
  });
});
