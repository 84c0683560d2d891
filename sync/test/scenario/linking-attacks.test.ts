/** A relay, or whoever sits at the rendezvous, between the two devices of a linking ceremony. */
import {
  answerOffer,
  fromBase64Url,
  offerLink,
  parseLinkCode,
  publishPreKeys,
  readReveal,
  revealLink,
  seededRandom,
  toBase64Url,
} from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Linking } from '../../src/api.ts';
import { decodeHello, encodeHello } from '../../src/linking/grant.ts';
import type { HttpAnswer } from '../../src/ports/relay-link.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { couple, look, prepare, send, texts } from '../simulation/setup.ts';
import type { World } from '../simulation/world.ts';
import { link, showCode } from '../support/linking.ts';

beforeAll(prepare);

const MINUTE = 60_000;

/** What lies in a slot of a rendezvous, and what the relay makes of it on the way to a reader. */
type Twist = (slot: string, data: Uint8Array) => Uint8Array | undefined;

interface Table {
  /** All that was laid down, in order, by slot. */
  readonly seen: { readonly slot: string; readonly data: Uint8Array }[];
  twist: Twist;
}

/** Sits at the relay's rendezvous. */
function sitBetween(world: World): Table {
  const table: Table = { seen: [], twist: (_slot, data) => data };
  const http = world.http.bind(world);
  world.http = async (url, request, address): Promise<HttpAnswer> => {
    const slot = /^\/v1\/rendezvous\/[^/]+\/(\d)$/.exec(request.path)?.[1];
    const answer = await http(url, request, address);
    if (slot === undefined) return answer;
    if (request.method === 'PUT') {
      const { data } = request.body as { data: string };
      table.seen.push({ slot, data: bytesOf(data) });
      return answer;
    }
    if (answer.status !== 200) return answer;
    const bent = table.twist(slot, bytesOf((answer.body as { data: string }).data));
    return bent === undefined ? answer : { ...answer, body: { data: toBase64Url(bent) } };
  };
  return table;
}

function bytesOf(text: string): Uint8Array {
  return fromBase64Url(text) ?? new Uint8Array(0);
}

async function scene(seed: number) {
  const { world, ann, bob, chatId } = await couple(seed);
  await send(ann, chatId, 'not for everyone');
  const guest = world.makeDevice('Laptop');
  await guest.open();
  return { world, ann, bob, chatId, guest, table: sitBetween(world) };
}

async function read(host: SimulatedDevice, code: string, world: World, ms = 8_000): Promise<string> {
  const reading = host.client.call('readLinkCode', { text: code });
  await world.pass(ms);
  const answer = await reading;
  return answer.ok ? answer.value.comparison : answer.error.type;
}

/** The host's user confirms; what the call answers. */
async function confirm(host: SimulatedDevice, world: World): Promise<string> {
  const confirming = host.client.call('confirmLink', null);
  await world.pass(8_000);
  const answer = await confirming;
  return answer.ok ? 'ok' : answer.error.type;
}

function shown(guest: SimulatedDevice): Promise<Linking> {
  return look(guest.client, 'linking', null);
}

const TAMPERED = { type: 'Failed', reason: 'Tampered' };

function flipped(data: Uint8Array): Uint8Array {
  const bent = data.slice();
  bent[bent.length >> 1] = (bent[bent.length >> 1] ?? 0) ^ 1;
  return bent;
}

describe('somebody between two devices that are being linked', () => {
  it('S-CEREMONY-3 who changes, swaps or repeats what lies there ends the ceremony, with its reason', async () => {
    const { world, ann, guest, table } = await scene(41);
    // An honest ceremony before, of which everything is kept: it ended with nobody confirming.
    const first = await showCode(guest, world);
    expect(await read(ann, first.code, world)).toMatch(/^\d{3} \d{3}$/);
    const old = new Map(table.seen.map(({ slot, data }) => [slot, data]));
    await guest.client.call('cancelLinking', null);
    const attacks: readonly { readonly slot: string; readonly bend: (data: Uint8Array) => Uint8Array | undefined }[] = [
      { slot: '0', bend: flipped },
      { slot: '0', bend: () => old.get('0') },
      { slot: '0', bend: () => new Uint8Array(7) },
      { slot: '2', bend: flipped },
      { slot: '2', bend: () => old.get('2') },
      { slot: '2', bend: () => table.seen.findLast(({ slot }) => slot === '0')?.data },
    ];
    for (const { slot, bend } of attacks) {
      const { code } = await showCode(guest, world);
      table.twist = (at, data) => (at === slot ? bend(data) : data);
      expect(await read(ann, code, world)).toBe('LinkTampered');
      expect(await confirm(ann, world)).toBe('LinkCodeExpired');
    }
    const toGuest: typeof attacks = [
      { slot: '1', bend: flipped },
      { slot: '1', bend: () => old.get('1') },
      { slot: '1', bend: () => table.seen.findLast(({ slot }) => slot === '0')?.data },
      { slot: '1', bend: () => new Uint8Array(20_000) },
    ];
    for (const { slot, bend } of toGuest) {
      const { code } = await showCode(guest, world);
      table.twist = (at, data) => (at === slot ? bend(data) : data);
      await read(ann, code, world, 40_000);
      expect(await shown(guest)).toEqual(TAMPERED);
    }
    expect(ann.engine?.self.identity.log.entries).toHaveLength(1);
    // Undisturbed it works after all that.
    table.twist = (_slot, data) => data;
    await link(ann, guest, world);
    expect(ann.engine?.self.identity.log.entries).toHaveLength(2);
  }, 180_000);

  it('S-CEREMONY-3 a grant that was changed, or is of another ceremony, is not taken', async () => {
    const { world, ann, guest, table } = await scene(42);
    const other = world.makeDevice('Tablet');
    await other.open();
    await link(ann, other, world);
    const old = table.seen.find(({ slot }) => slot === '3')?.data;
    for (const bend of [flipped, () => old, () => table.seen.findLast(({ slot }) => slot === '0')?.data]) {
      const { code } = await showCode(guest, world);
      table.twist = (at, data) => (at === '3' ? bend(data) : data);
      expect(await read(ann, code, world)).toMatch(/^\d{3} \d{3}$/);
      await confirm(ann, world);
      expect(await shown(guest)).toEqual(TAMPERED);
      expect(await look(guest.client, 'phase', null)).toEqual({ type: 'Empty' });
    }
  }, 180_000);

  it('S-CEREMONY-4 who has the code shows other digits to each of the two, and gets nothing when they are compared', async () => {
    const { world, ann, guest, table } = await scene(43);
    const random = seededRandom(new Uint8Array(32).fill(5));
    const { code: text } = await showCode(guest, world);
    const parsed = parseLinkCode(text);
    if (!parsed.ok) throw new Error('no code');
    const code = parsed.value;
    const offered = table.seen.find(({ slot }) => slot === '0')?.data ?? new Uint8Array(0);
    // Towards the guest it plays the device with the account, towards that one the guest.
    const asHost = answerOffer({ code, offer: offered, random });
    const own = ann.engine?.self.identity;
    if (!asHost.ok || ann.engine === undefined || own === undefined) throw new Error('no ceremony');
    const { device, mailbox } = own;
    const preKey = publishPreKeys(ann.engine.self.preKeys, device, new Uint8Array(0)).signed;
    const hello = encodeHello({ deviceKey: device.publicKey, mailbox, name: 'Laptop', preKey });
    const asGuest = offerLink({ code, time: world.clock.now(), hello, random });
    let toHost: Uint8Array | undefined;
    let digits = '';
    table.twist = (slot, data) => {
      if (slot === '0') return asGuest.offer;
      if (slot === '1') return asHost.value.reply;
      if (slot !== '2') return data;
      const reply = table.seen.find(({ slot: at }) => at === '1')?.data ?? new Uint8Array(0);
      const revealed = toHost === undefined ? revealLink(asGuest.state, reply) : undefined;
      if (revealed?.ok === true) {
        toHost = revealed.value.reveal;
        digits = revealed.value.comparison;
      }
      return toHost ?? data;
    };
    const atHost = await read(ann, text, world);
    expect(atHost).toBe(digits);
    const atGuest = await shown(guest);
    if (atGuest.type !== 'Compare') throw new Error(`guest shows ${atGuest.type}`);
    expect(atGuest.comparison).not.toBe(atHost);
    // The guest's true name it does learn: it has the code.
    const reveal = table.seen.find(({ slot }) => slot === '2')?.data ?? new Uint8Array(0);
    const opened = readReveal(asHost.value.state, reveal);
    expect(opened.ok && decodeHello(opened.value.hello)?.name).toBe('Laptop');
    const declining = ann.client.call('declineLink', null);
    await world.pass(MINUTE);
    await declining;
    expect(ann.engine?.self.identity.log.entries).toHaveLength(1);
    expect(await look(guest.client, 'phase', null)).toEqual({ type: 'Empty' });
  }, 120_000);

  it('S-CEREMONY-5 cut short anywhere it starts over with a new code, and what was half done can be unlinked', async () => {
    const { world, ann, bob, chatId, guest } = await scene(44);
    const { code } = await showCode(guest, world);
    expect(await read(ann, code, world)).toMatch(/^\d{3} \d{3}$/);
    guest.line.cut = true;
    expect(await confirm(ann, world)).toBe('ok');
    guest.crash(); // it never saw the grant
    await guest.open();
    expect(await look(guest.client, 'phase', null)).toEqual({ type: 'Empty' });
    await link(ann, guest, world);
    await world.pass(MINUTE);
    expect(await texts(guest, chatId)).toEqual(['not for everyone']);
    const devices = await look(ann.client, 'devices', null);
    expect(devices.map(({ name }) => name)).toEqual(['', 'Laptop', 'Laptop']);
    const lost = devices.find(({ deviceId, isThis }) => !isThis && deviceId !== guest.lastDeviceId);
    const unlinking = ann.client.call('unlinkDevice', { deviceId: lost?.deviceId ?? '' });
    await world.pass(5_000);
    expect(await unlinking).toMatchObject({ ok: true });
    await send(bob, chatId, 'all is well');
    await world.pass(MINUTE);
    for (const device of [ann, guest, bob])
      expect(await texts(device, chatId)).toEqual(['not for everyone', 'all is well']);
    expect(world.violations).toEqual([]);
  }, 120_000);
});
