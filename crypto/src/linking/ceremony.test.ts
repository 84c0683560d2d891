/** The ceremony between honest devices, and against a relay that does not know the code. */
import { beforeAll, describe, expect, it } from 'vitest';
import { flip, must, NOW, randomOf } from '../../test/support/world.ts';
import {
  answerOffer,
  createLinkCode,
  endLink,
  LINK_LIMITS,
  offerLink,
  openGrant,
  readReveal,
  ready,
  revealLink,
  sealGrant,
  utf8,
} from '../index.ts';

beforeAll(ready);

const HELLO = utf8('hello: a device key, a mailbox, a name');
const GRANT = utf8('grant: the account');
const random = randomOf(11);

interface Options {
  readonly hello?: Uint8Array;
  readonly grant?: Uint8Array;
  readonly code?: ReturnType<typeof createLinkCode>;
}

/** One whole ceremony over a relay that does its work. */
function ceremony({ hello = HELLO, grant = GRANT, code = createLinkCode(random) }: Options = {}) {
  const offered = offerLink({ code, time: NOW, hello, random });
  const answered = must(answerOffer({ code, offer: offered.offer, random }));
  const revealed = must(revealLink(offered.state, answered.reply));
  const compared = must(readReveal(answered.state, revealed.reveal));
  const sealed = sealGrant(compared.state, grant, random);
  return { code, offered, answered, revealed, compared, sealed };
}

const messagesOf = ({ offered, answered, revealed, sealed }: ReturnType<typeof ceremony>) => [
  offered.offer,
  answered.reply,
  revealed.reveal,
  sealed,
];
const refused = (type: string) => ({ ok: false, error: { type } });

describe('linking', () => {
  it('C-LINK-3 both see the same six digits, and each gets what the other sent', () => {
    const seen = Array.from({ length: 20 }, () => {
      const { answered, revealed, compared, sealed } = ceremony();
      expect(answered.time).toBe(NOW);
      expect(compared.hello).toEqual(HELLO);
      expect(revealed.comparison).toMatch(/^\d{3} \d{3}$/);
      expect(compared.comparison).toBe(revealed.comparison);
      expect(must(openGrant(revealed.state, sealed))).toEqual(GRANT);
      return revealed.comparison;
    });
    expect(new Set(seen).size).toBeGreaterThan(15);
  });

  it('C-LINK-3 the digits depend on the hello, the time and both keys', () => {
    const code = createLinkCode(random);
    const digits = (hello: Uint8Array, time: number, [n, e]: readonly [number, number]) => {
      const { state, offer } = offerLink({ code, time, hello, random: randomOf(n) });
      return must(revealLink(state, must(answerOffer({ code, offer, random: randomOf(e) })).reply)).comparison;
    };
    const variants = [
      digits(HELLO, NOW, [1, 2]),
      digits(utf8('Hello'), NOW, [1, 2]),
      digits(HELLO, NOW + 1, [1, 2]),
      digits(HELLO, NOW, [3, 2]),
      digits(HELLO, NOW, [1, 3]),
    ];
    expect(new Set(variants).size).toBe(5);
    expect(digits(HELLO, NOW, [1, 2])).toBe(variants[0]);
  });

  it('C-LINK-4 without the code no message opens, and no changed bit goes unnoticed', () => {
    const { offered, answered, revealed, sealed } = ceremony();
    const code = createLinkCode(random);
    const { offer } = offered;
    expect(answerOffer({ code, offer, random })).toEqual(refused('WrongCode'));
    expect(revealLink({ ...offered.state, code }, answered.reply)).toEqual(refused('WrongCode'));
    expect(readReveal({ ...answered.state, code }, revealed.reveal)).toEqual(refused('WrongCode'));
    for (let bit = 0; bit < 512 * 8; bit += 13) {
      const expected = bit < 16 ? 'Malformed' : 'WrongCode';
      const own = offered.state.code;
      expect(answerOffer({ code: own, offer: flip(offer, bit), random }), `${bit}`).toEqual(refused(expected));
      expect(revealLink(offered.state, flip(answered.reply, bit)), `${bit}`).toEqual(refused(expected));
      expect(readReveal(answered.state, flip(revealed.reveal, bit)), `${bit}`).toEqual(refused(expected));
      const damaged = openGrant(revealed.state, flip(sealed, bit));
      expect(damaged, `${bit}`).toEqual(refused(bit < 16 ? 'Malformed' : 'Substituted'));
    }
  });

  it('C-LINK-4 the messages show neither code, keys, hello nor grant, and their lengths are buckets', () => {
    const whole = ceremony();
    const { opening, code } = whole.offered.state;
    const messages = messagesOf(whole);
    for (const message of messages)
      for (const needle of [HELLO, GRANT, opening.key, opening.nonce, whole.answered.state.publicKey, code])
        expect(Buffer.from(message).includes(Buffer.from(needle.slice(0, 8)))).toBe(false);
    expect(messages.map(({ length }) => length)).toEqual([512, 512, 512, 512]);
    const longer = messagesOf(ceremony({ hello: new Uint8Array(500), grant: new Uint8Array(70_000) }));
    expect(longer.map(({ length }) => length)).toEqual([512, 512, 1024, 98_304]);
    const again = messagesOf(ceremony({ code }));
    for (const [index, message] of messages.entries()) {
      const same = message.filter((byte, at) => byte === again[index]?.[at]);
      expect(same.length).toBeLessThan(20);
    }
  });

  it('C-LINK-8 a message in another place is refused, in every place', () => {
    const whole = ceremony();
    const { code, offered, answered, revealed } = whole;
    const readers = [
      (offer: Uint8Array) => answerOffer({ code, offer, random }),
      (reply: Uint8Array) => revealLink(offered.state, reply),
      (reveal: Uint8Array) => readReveal(answered.state, reveal),
      (grant: Uint8Array) => openGrant(revealed.state, grant),
    ];
    for (const [place, read] of readers.entries())
      for (const [kind, message] of messagesOf(whole).entries()) {
        if (place === kind) expect(read(message).ok).toBe(true);
        else expect(read(message), `${kind} read as ${place}`).toEqual(refused('Malformed'));
      }
  });

  it('C-LINK-8 messages of another ceremony with the same code are refused', () => {
    const code = createLinkCode(random);
    const [old, now] = [ceremony({ code }), ceremony({ code })];
    expect(revealLink(now.offered.state, old.answered.reply)).toEqual(refused('Substituted'));
    expect(readReveal(now.answered.state, old.revealed.reveal)).toEqual(refused('Substituted'));
    expect(openGrant(now.revealed.state, old.sealed)).toEqual(refused('Substituted'));
    // An old offer is answered, for it opens; but its maker cannot reveal to that answer, nor another to it.
    const late = must(answerOffer({ code, offer: old.offered.offer, random }));
    expect(revealLink(now.offered.state, late.reply)).toEqual(refused('Substituted'));
    expect(revealLink(old.offered.state, late.reply)).toEqual(refused('Substituted'));
    expect(readReveal(late.state, now.revealed.reveal)).toEqual(refused('Substituted'));
  });

  it('C-LINK-9 is capped on both sides', () => {
    const { helloBytes, grantBytes } = LINK_LIMITS;
    const full = ceremony({ hello: new Uint8Array(helloBytes), grant: new Uint8Array(grantBytes) });
    expect(messagesOf(full).map(({ length }) => length)).toEqual([512, 512, 16 * 1024, 192 * 1024]);
    expect(must(openGrant(full.revealed.state, full.sealed))).toHaveLength(grantBytes);
    expect(full.compared.hello).toHaveLength(helloBytes);
    const { code } = full;
    expect(() => offerLink({ code, time: NOW, hello: new Uint8Array(helloBytes + 1), random })).toThrow(RangeError);
    expect(() => sealGrant(full.compared.state, new Uint8Array(grantBytes + 1), random)).toThrow(RangeError);
    const longer = (message: Uint8Array, length: number) => {
      const bytes = new Uint8Array(length);
      bytes.set(message.slice(0, length));
      return bytes;
    };
    const [offer, reply, reveal, sealed] = messagesOf(full);
    if (!offer || !reply || !reveal || !sealed) throw new Error('four messages');
    const { offered, answered, revealed } = full;
    expect(answerOffer({ code, offer: longer(offer, 16 * 1024 + 1), random })).toEqual(refused('Malformed'));
    expect(revealLink(offered.state, longer(reply, 16 * 1024 + 1))).toEqual(refused('Malformed'));
    expect(readReveal(answered.state, longer(reveal, 16 * 1024 + 1))).toEqual(refused('Malformed'));
    expect(openGrant(revealed.state, longer(sealed, 192 * 1024 + 1))).toEqual(refused('Malformed'));
    for (const length of [0, 1, 2, 25, 41]) {
      expect(answerOffer({ code, offer: offer.slice(0, length), random }).ok).toBe(false);
      expect(openGrant(revealed.state, sealed.slice(0, length)).ok).toBe(false);
    }
  });

  it('C-LINK-10 an ended ceremony keeps no secret, and leaves the caller his code', () => {
    const { code, offered, answered, revealed, compared } = ceremony();
    const before = code.slice();
    endLink(offered.state, answered.state, revealed.state, compared.state);
    const kept = [offered.state.code, offered.state.secretKey, answered.state.code, answered.state.secretKey];
    for (const secret of [...kept, revealed.state.grantKey, compared.state.grantKey])
      expect(secret.every((byte) => byte === 0)).toBe(true);
    expect(code).toEqual(before);
  });
});
