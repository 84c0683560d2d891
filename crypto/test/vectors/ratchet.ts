/** Vectors of the Double Ratchet: two turns each way, out of order, with the keys of every step. */
import { utf8 } from '../../src/index.ts';
import { asPublic, asSecret } from '../../src/keys.ts';
import { open } from '../../src/ratchet/open.ts';
import { initiatorRatchet, type Ratchet, responderRatchet } from '../../src/ratchet/ratchet.ts';
import { seal } from '../../src/ratchet/seal.ts';
import { x25519Public } from '../../src/sodium.ts';
import { must } from '../support/world.ts';
import { counted, hex, scripted, tampered, unhex } from './hex.ts';

export const ROOT = hex(counted(0));
export const FIRST_SECRET = hex(counted(0x20));
export const AD = hex(utf8('vector ad'));
export const NOW = 1_700_000_000_000;

/** Who seals, and whether the ratchet turns (then a 32-byte key is drawn before the 24-byte nonce). */
const SCRIPT = [
  { by: 'alice', turns: true },
  { by: 'alice', turns: false },
  { by: 'alice', turns: false },
  { by: 'bob', turns: true },
  { by: 'alice', turns: true },
  { by: 'bob', turns: true },
] as const;
/** Messages are opened when they are listed here; number 1 comes very late. */
const OPENED_AFTER: Readonly<Record<number, readonly number[]>> = { 2: [0, 2], 3: [3], 4: [4], 5: [5, 1] };

export function ratchetEnds(): { alice: Ratchet; bob: Ratchet } {
  const secretKey = asSecret<'Ratchet'>(unhex(FIRST_SECRET));
  const publicKey = asPublic<'Ratchet'>(x25519Public(secretKey));
  const root = () => asSecret<'Root'>(unhex(ROOT));
  return { alice: initiatorRatchet(root(), publicKey), bob: responderRatchet(root(), { publicKey, secretKey }) };
}

export function buildRatchet() {
  const states = ratchetEnds();
  const messages: Uint8Array[] = [];
  const steps = SCRIPT.map(({ by, turns }, index) => {
    const plaintext = utf8(`message ${index}`);
    const nonce = hex(counted(0xc0 + index, 24));
    const draws = turns ? [hex(counted(0x50 + index)), nonce] : [nonce];
    const sealed = must(seal(states[by], { plaintext, ad: unhex(AD), random: scripted(draws) }));
    states[by] = sealed.next;
    messages.push(sealed.message);
    for (const place of OPENED_AFTER[index] ?? []) {
      const to = SCRIPT[place]?.by === 'alice' ? 'bob' : 'alice';
      const message = messages[place] ?? new Uint8Array();
      states[to] = must(open(states[to], { message, ad: unhex(AD), now: NOW })).next;
    }
    const [messageKey, chainKey] = sealed.spent;
    if (messageKey === undefined || chainKey === undefined) throw new Error('nothing spent');
    const keys = { root: hex(sealed.next.root), chainKey: hex(chainKey), messageKey: hex(messageKey) };
    return {
      by,
      plaintext: hex(plaintext),
      draws,
      ...keys,
      message: hex(sealed.message),
      thenOpened: OPENED_AFTER[index] ?? [],
    };
  });
  const [first] = messages;
  if (first === undefined) throw new Error('no message');
  const weak = Uint8Array.of(...new Uint8Array(32), ...first.slice(32));
  const far = first.slice();
  new DataView(far.buffer).setUint32(36, 2_001);
  return {
    root: ROOT,
    bobsFirstSecret: FIRST_SECRET,
    ad: AD,
    now: NOW,
    steps,
    mustFail: [
      { why: 'another ad', message: hex(first), ad: hex(utf8('vector aD')), error: 'Forged' },
      { why: 'nonce changed', message: hex(tampered(first, 40)), ad: AD, error: 'Forged' },
      { why: 'ciphertext changed', message: hex(tampered(first, 64)), ad: AD, error: 'Forged' },
      { why: 'tag changed', message: hex(tampered(first, -1)), ad: AD, error: 'Forged' },
      { why: 'previous count changed', message: hex(tampered(first, 35)), ad: AD, error: 'Forged' },
      { why: 'index changed', message: hex(tampered(first, 39)), ad: AD, error: 'Forged' },
      { why: 'ratchet key changed', message: hex(tampered(first, 0)), ad: AD, error: 'Forged' },
      { why: 'ratchet key of small order', message: hex(weak), ad: AD, error: 'WeakKey' },
      { why: 'too far ahead', message: hex(far), ad: AD, error: 'TooFarAhead' },
      { why: 'shorter than a tag', message: hex(first.slice(0, 70)), ad: AD, error: 'Forged' },
      { why: 'shorter than a header', message: hex(first.slice(0, 63)), ad: AD, error: 'Malformed' },
    ],
  };
}
