/** Against somebody who knows the code, controls the relay and sits between the two devices. */
import { beforeAll, describe, expect, it } from 'vitest';
import { must, NOW, randomOf } from '../../test/support/world.ts';
import {
  answerOffer,
  createLinkCode,
  type LinkCode,
  offerLink,
  openGrant,
  type Random,
  readReveal,
  ready,
  revealLink,
  sealGrant,
  utf8,
} from '../index.ts';
import { decoded } from '../result.ts';
import { asPublic, asSecret } from '../keys.ts';
import { x25519Public } from '../sodium.ts';
import { OFFER, openWithCode, REPLY, REVEAL, sealWithCode } from './message.ts';
import { agree, commitmentTo, type Opening } from './transcript.ts';

beforeAll(ready);

const HELLO = utf8('the true device');
const EVIL = utf8("the adversary's device");
const random = randomOf(12);
const refused = (type: string) => ({ ok: false, error: { type } });

function offerOf(code: LinkCode, opening: Opening): Uint8Array {
  const content = OFFER.encode({ commitment: commitmentTo(opening), time: NOW });
  return sealWithCode(code, { kind: 'offer', content, nonce: random(24) });
}

function revealOf(code: LinkCode, opening: Opening): Uint8Array {
  return sealWithCode(code, { kind: 'reveal', content: REVEAL.encode(opening), nonce: random(24) });
}

function replyOf(code: LinkCode, commitment: Uint8Array, key: Uint8Array): Uint8Array {
  const content = REPLY.encode({ commitment, key: asPublic<'Link'>(key) });
  return sealWithCode(code, { kind: 'reply', content, nonce: random(24) });
}

function pair(from: Random = random) {
  const secretKey = asSecret<'Link'>(from(32));
  return { secretKey, publicKey: asPublic<'Link'>(x25519Public(secretKey)) };
}

/** Both halves as the adversary plays them: E towards the new device, N towards the existing one. */
function inTheMiddle() {
  const code = createLinkCode(random);
  const device = offerLink({ code, time: NOW, hello: HELLO, random });
  const posing = offerLink({ code, time: NOW, hello: EVIL, random });
  const owner = must(answerOffer({ code, offer: posing.offer, random }));
  const reply = must(answerOffer({ code, offer: device.offer, random }));
  const shownByDevice = must(revealLink(device.state, reply.reply));
  const toOwner = must(revealLink(posing.state, owner.reply));
  const shownByOwner = must(readReveal(owner.state, toOwner.reveal));
  return { code, device, posing, owner, shownByDevice, shownByOwner };
}

describe('an adversary who knows the code', () => {
  it('C-LINK-6 in the middle makes the digits differ', () => {
    const runs = Array.from({ length: 400 }, inTheMiddle);
    const same = runs.filter(({ shownByDevice, shownByOwner }) => shownByDevice.comparison === shownByOwner.comparison);
    expect(same).toEqual([]);
    expect(new Set(runs.map(({ shownByOwner }) => shownByOwner.comparison)).size).toBeGreaterThan(390);
  });

  it('C-LINK-5 cannot say anything after the reply but what was committed to before it', () => {
    const code = createLinkCode(random);
    const [first, second] = [pair(), pair()];
    const committed = { key: first.publicKey, nonce: random(32), hello: HELLO };
    const owner = must(answerOffer({ code, offer: offerOf(code, committed), random }));
    const others: readonly Opening[] = [
      { ...committed, key: second.publicKey },
      { ...committed, nonce: random(32) },
      { ...committed, hello: EVIL },
      { ...committed, hello: new Uint8Array() },
      { ...committed, hello: Uint8Array.of(...HELLO, 0) },
    ];
    for (const other of others) expect(readReveal(owner.state, revealOf(code, other))).toEqual(refused('Substituted'));
    expect(must(readReveal(owner.state, revealOf(code, committed))).hello).toEqual(HELLO);
  });

  it('C-LINK-5 nonces and padding, which are left to the sender, do not move the digits', () => {
    const code = createLinkCode(random);
    const opening = { key: pair().publicKey, nonce: random(32), hello: HELLO };
    const owner = must(answerOffer({ code, offer: offerOf(code, opening), random }));
    const digits = Array.from({ length: 20 }, () => must(readReveal(owner.state, revealOf(code, opening))).comparison);
    expect(new Set(digits).size).toBe(1);
  });

  it('C-LINK-6 who may choose a reply after the reveal finds the digits he wants; so a second reply is refused', () => {
    const code = createLinkCode(random);
    const { state, offer } = offerLink({ code, time: NOW, hello: HELLO, random });
    const { commitment } = must(decodedOffer(code, offer));
    const first = pair();
    const revealed = must(revealLink(state, replyOf(code, commitment, first.publicKey)));
    const said = { ...must(decodedReveal(code, revealed.reveal)), commitment, time: NOW };
    // Two digits fit after about a hundred tries; six would after a million, in minutes.
    let wanted;
    for (let tries = 0; tries < 5_000 && wanted === undefined; tries++) {
      const { secretKey, publicKey } = pair();
      const input = { secretKey, theirs: said.key, code, said: { ...said, reply: publicKey } };
      if (agree(input)?.comparison.startsWith('42')) wanted = publicKey;
    }
    if (wanted === undefined) throw new Error('no key fits');
    expect(revealLink(state, replyOf(code, commitment, wanted))).toEqual(refused('Substituted'));
    // The first reply, sent again, is no harm: the same digits, the same bytes.
    expect(must(revealLink(state, replyOf(code, commitment, first.publicKey)))).toEqual(revealed);
  });

  it('C-LINK-6 cannot turn a ceremony back onto its maker', () => {
    const code = createLinkCode(random);
    const { state, offer } = offerLink({ code, time: NOW, hello: HELLO, random });
    const owner = must(answerOffer({ code, offer, random }));
    const own = replyOf(code, state.commitment, state.opening.key);
    const mirrored = must(revealLink(state, own));
    expect(must(readReveal(owner.state, mirrored.reveal)).comparison).not.toBe(mirrored.comparison);
  });

  it('C-LINK-7 gets no grant that was made for the true device, with all messages in hand', () => {
    const code = createLinkCode(random);
    const device = offerLink({ code, time: NOW, hello: HELLO, random });
    const owner = must(answerOffer({ code, offer: device.offer, random }));
    const revealed = must(revealLink(device.state, owner.reply));
    const compared = must(readReveal(owner.state, revealed.reveal));
    const sealed = sealGrant(compared.state, utf8('account'), random);
    const said = { ...must(decodedReveal(code, revealed.reveal)), commitment: device.state.commitment, time: NOW };
    const reply = owner.state.publicKey;
    // Everything but one secret key: as if either side were the adversary's own.
    for (const theirs of [said.key, reply]) {
      const agreement = agree({ secretKey: pair().secretKey, theirs, code, said: { ...said, reply } });
      if (agreement === undefined) throw new Error('no agreement');
      const guessed = { type: 'Revealed', grantKey: agreement.grantKey } as const;
      expect(openGrant(guessed, sealed)).toEqual(refused('Substituted'));
    }
    expect(must(openGrant(revealed.state, sealed))).toEqual(utf8('account'));
  });

  it('C-LINK-7 the grant key depends on the code, both keys and everything said', () => {
    const code = createLinkCode(random);
    const [n, e] = [pair(randomOf(1)), pair(randomOf(2))];
    const opening = { key: n.publicKey, nonce: new Uint8Array(32), hello: HELLO };
    const said = { ...opening, commitment: commitmentTo(opening), time: NOW, reply: e.publicKey };
    const base = { secretKey: n.secretKey, theirs: e.publicKey, code, said };
    const keys = [
      base,
      { ...base, code: createLinkCode(random) },
      { ...base, secretKey: pair().secretKey },
      { ...base, said: { ...said, time: NOW + 1 } },
      { ...base, said: { ...said, hello: EVIL } },
      { ...base, said: { ...said, nonce: random(32) } },
      { ...base, said: { ...said, commitment: random(32) } },
      { ...base, said: { ...said, reply: pair().publicKey } },
      { ...base, said: { ...said, key: pair().publicKey } },
    ].map((input) => Buffer.from(agree(input)?.grantKey ?? []).toString('hex'));
    expect(new Set(keys).size).toBe(keys.length);
    const mirrored = agree({ ...base, secretKey: e.secretKey, theirs: n.publicKey });
    expect(Buffer.from(mirrored?.grantKey ?? []).toString('hex')).toBe(keys[0]);
  });

  it('C-LINK-7 a key that would make the secret known to all is refused, before anything is revealed', () => {
    const code = createLinkCode(random);
    const one = new Uint8Array(32);
    one[0] = 1;
    for (const weak of [new Uint8Array(32), one]) {
      const { state } = offerLink({ code, time: NOW, hello: HELLO, random });
      expect(revealLink(state, replyOf(code, state.commitment, weak))).toEqual(refused('Substituted'));
      const opening = { key: asPublic<'Link'>(weak), nonce: random(32), hello: EVIL };
      const owner = must(answerOffer({ code, offer: offerOf(code, opening), random }));
      expect(readReveal(owner.state, revealOf(code, opening))).toEqual(refused('Substituted'));
    }
  });

  it('C-LINK-4 sealed rubbish is Malformed', () => {
    const { code, device, owner } = inTheMiddle();
    const rubbish = (kind: 'offer' | 'reply' | 'reveal', content: Uint8Array) =>
      sealWithCode(code, { kind, content, nonce: random(24) });
    for (const content of [new Uint8Array(0), new Uint8Array(37), new Uint8Array(63)]) {
      expect(answerOffer({ code, offer: rubbish('offer', content), random })).toEqual(refused('Malformed'));
      expect(revealLink(device.state, rubbish('reply', content))).toEqual(refused('Malformed'));
      expect(readReveal(owner.state, rubbish('reveal', content))).toEqual(refused('Malformed'));
    }
  });
});

function decodedOffer(code: LinkCode, offer: Uint8Array) {
  return decoded(OFFER.decode(must(openWithCode(code, 'offer', offer))));
}

function decodedReveal(code: LinkCode, reveal: Uint8Array) {
  return decoded(REVEAL.decode(must(openWithCode(code, 'reveal', reveal))));
}
