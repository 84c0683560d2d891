import { beforeAll, describe, expect, it } from 'vitest';
import { agreeIndependently } from '../../test/support/independent.ts';
import { bundleOf, flip, hear, must, type Party, randomOf, say, start, twoParties } from '../../test/support/world.ts';
import { encodePreKeys, encodeSessions, ready } from '../index.ts';
import { asPublic, type Public } from '../keys.ts';
import { type HandshakeHeader, initiate, respond } from './pqxdh.ts';

beforeAll(ready);

const answer = (bob: Party, alice: Party, header: HandshakeHeader) =>
  respond({ self: bob.device, preKeys: bob.preKeys, peerDeviceKey: alice.device.publicKey, header });

describe('PQXDH', () => {
  it('C-PQXDH-1 both sides agree, with a one-time pre-key and with the last-resort key', () => {
    const { alice, bob } = twoParties();
    for (const place of [0, undefined]) {
      const { root, transcript, header } = must(initiate(alice.device, bundleOf(bob, place), alice.random));
      const theirs = must(answer(bob, alice, header));
      expect(theirs.root).toEqual(root);
      expect(theirs.transcript).toEqual(transcript);
      expect(header.oneTimeId).toBe(place === undefined ? 0 : 2);
    }
  });

  it('C-PQXDH-1 no two handshakes agree on the same secret', () => {
    const { alice, bob } = twoParties();
    const roots = [0, 0, 1, undefined].map(
      (place) => must(initiate(alice.device, bundleOf(bob, place), alice.random)).root,
    );
    expect(new Set(roots.map((root) => Buffer.from(root).toString('hex'))).size).toBe(4);
  });

  it('C-PQXDH-2 the root is the KDF of the paper over the secrets in its order, as another implementation has it', () => {
    const { alice, bob } = twoParties();
    for (const place of [0, undefined]) {
      const { root, header } = must(initiate(alice.device, bundleOf(bob, place), alice.random));
      expect(agreeIndependently(bob, alice.device.publicKey, header).root).toEqual(root);
    }
  });

  it('C-PQXDH-3 a changed header or another sender never leads to the same root and transcript', () => {
    const { alice, bob } = twoParties();
    const { root, transcript, header } = must(initiate(alice.device, bundleOf(bob, 0), alice.random));
    const changed: HandshakeHeader[] = [
      { ...header, oneTimeId: 3 },
      { ...header, oneTimeId: 0 },
      { ...header, ephemeral: asPublic<'Ephemeral'>(flip(header.ephemeral, 9)) },
      { ...header, kemCiphertext: asPublic<'KemCiphertext'>(flip(header.kemCiphertext, 4000)) },
    ];
    for (const other of changed) {
      const theirs = must(answer(bob, alice, other));
      expect(theirs.root).not.toEqual(root);
      expect(theirs.transcript).not.toEqual(transcript);
    }
    const carol = twoParties(7).alice;
    expect(must(answer(bob, carol, header)).root).not.toEqual(root);
  });

  it('C-PQXDH-4 weak keys are refused on either side', () => {
    const { alice, bob } = twoParties();
    const bundle = bundleOf(bob, 0);
    const zero = new Uint8Array(32);
    const one = Uint8Array.of(1, ...zero.slice(1));
    for (const bytes of [zero, one]) {
      const signedKey = asPublic<'Ratchet'>(bytes);
      expect(initiate(alice.device, { ...bundle, signedKey }, alice.random)).toEqual({
        ok: false,
        error: { type: 'WeakKey' },
      });
      const key = asPublic<'OneTime'>(bytes);
      const weak = bundle.oneTime && { ...bundle.oneTime, key };
      expect(initiate(alice.device, { ...bundle, oneTime: weak }, alice.random).ok).toBe(false);
      const { header } = must(initiate(alice.device, bundle, alice.random));
      const ephemeral = asPublic<'Ephemeral'>(bytes);
      expect(answer(bob, alice, { ...header, ephemeral })).toEqual({ ok: false, error: { type: 'WeakKey' } });
    }
    const kem = asPublic<'Kem'>(new Uint8Array(1184).fill(255));
    const { oneTime: _, ...lastResort } = bundle;
    const broken = { ...lastResort, lastResortKem: kem, oneTime: undefined };
    expect(initiate(alice.device, broken, alice.random)).toEqual({ ok: false, error: { type: 'WeakKey' } });
    const peerDeviceKey: Public<'Device'> = asPublic<'Device'>(zero);
    const { header } = must(initiate(alice.device, bundle, alice.random));
    const answered = respond({ self: bob.device, preKeys: bob.preKeys, peerDeviceKey, header });
    expect(answered).toEqual({ ok: false, error: { type: 'WeakKey' } });
  });

  it('C-PQXDH-5 rubbish behind a true handshake changes nothing, and the true message then opens', () => {
    const { alice, bob } = twoParties();
    start(alice, bob, 0);
    const message = say(alice, 'true');
    const before = [encodePreKeys(bob.preKeys), encodeSessions(bob.sessions)];
    expect(hear(bob, alice, flip(message, message.length * 8 - 1))).toEqual({ error: 'Forged' });
    expect([encodePreKeys(bob.preKeys), encodeSessions(bob.sessions)]).toEqual(before);
    expect(hear(bob, alice, message)).toEqual({ text: 'true' });
    expect(encodePreKeys(bob.preKeys)).not.toEqual(before[0]);
  });

  it('C-RANDOM-1 the same seed makes the same handshake', () => {
    const { alice, bob } = twoParties();
    const [a, b] = [1, 1].map(() => must(initiate(alice.device, bundleOf(bob, 0), randomOf(5))));
    expect(a).toEqual(b);
  });
});
