/** People, devices and conversations for the tests of this package. Everything comes from one seed. */
import {
  type Account,
  canSeal,
  createAccount,
  createDevice,
  createPreKeys,
  type Device,
  dropOneTime,
  emptySessions,
  openMessage,
  type OpenError,
  openPreKeyBundle,
  type PreKeyBundle,
  type PreKeys,
  publishPreKeys,
  type Random,
  type Result,
  sealMessage,
  seededRandom,
  type Sessions,
  startSession,
  utf8,
} from '../../src/index.ts';

export const AD = utf8('test ad');
export const NOW = 1_700_000_000_000;
export const DAY = 86_400_000;

/** The value; throws for an error, which a test that calls this does not expect. */
export function must<T>(result: Result<T, { readonly type: string }>): T {
  if (!result.ok) throw new Error(`unexpected ${result.error.type}`);
  return result.value;
}

/** A random that is the same for the same number. */
export function randomOf(seed: number): Random {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, seed);
  return seededRandom(bytes);
}

/** One device with all it owns. Mutable: it stands for the caller that persists `next`. */
export interface Party {
  readonly account: Account;
  readonly device: Device;
  readonly random: Random;
  preKeys: PreKeys;
  sessions: Sessions;
}

export function createParty(random: Random, oneTime = 4): Party {
  const account = createAccount(random);
  const device = createDevice(random);
  const preKeys = createPreKeys(device, random, { now: NOW, oneTime, firstId: 1 });
  return { account, device, random, preKeys, sessions: emptySessions() };
}

/** Two parties that have not spoken. */
export function twoParties(seed = 1): { readonly alice: Party; readonly bob: Party; readonly random: Random } {
  const random = randomOf(seed);
  return { alice: createParty(random), bob: createParty(random), random };
}

/** The party's bundle with its one-time pre-key number `place`, or without one. */
export function bundleOf(party: Party, place?: number): PreKeyBundle {
  const { signed, oneTime } = publishPreKeys(party.preKeys, party.device, utf8('note'));
  return must(openPreKeyBundle(party.device.publicKey, signed, place === undefined ? undefined : oneTime[place]));
}

/** `from` starts a session with `to`. */
export function start(from: Party, to: Party, place?: number, now = NOW): void {
  const input = { self: from.device, peer: bundleOf(to, place), random: from.random, now };
  from.sessions = must(startSession(from.sessions, input));
}

/** Seals `text` in the active session. */
export function say(from: Party, text: string, ad = AD): Uint8Array {
  if (!canSeal(from.sessions)) throw new Error('no session');
  const { next, message } = must(sealMessage(from.sessions, { plaintext: utf8(text), ad, random: from.random }));
  from.sessions = next;
  return message;
}

export interface Heard {
  readonly text?: string;
  readonly error?: OpenError['type'];
}

/** Opens `message` as coming from `from`; keeps the new state only when it opened. */
export function hear(to: Party, from: Party, message: Uint8Array, now = NOW): Heard {
  const opened = openMessage(to.sessions, {
    self: to.device,
    preKeys: to.preKeys,
    peerDeviceKey: from.device.publicKey,
    message,
    ad: AD,
    now,
  });
  if (!opened.ok) return { error: opened.error.type };
  const { next, usedOneTime, plaintext } = opened.value;
  to.sessions = next;
  if (usedOneTime !== undefined) to.preKeys = dropOneTime(to.preKeys, usedOneTime);
  return { text: new TextDecoder().decode(plaintext) };
}

/** Two parties after one message each way: both have answered. */
export function conversation(seed = 1): { readonly alice: Party; readonly bob: Party; readonly random: Random } {
  const world = twoParties(seed);
  start(world.alice, world.bob, 0);
  hear(world.bob, world.alice, say(world.alice, 'hello'));
  hear(world.alice, world.bob, say(world.bob, 'hello'));
  return world;
}

/** A copy with one bit changed. */
export function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice();
  const at = bit >> 3;
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
  return changed;
}
