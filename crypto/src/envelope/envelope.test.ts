import { beforeAll, describe, expect, it } from 'vitest';
import { createParty, flip, must, type Party, twoParties } from '../../test/support/world.ts';
import {
  createDevice,
  ENVELOPE_MESSAGE_BYTES,
  openEnvelope,
  padToBucket,
  type Public,
  ready,
  sealEnvelope,
  unpad,
  utf8,
} from '../index.ts';
import { asPublic } from '../keys.ts';

beforeAll(ready);

const MESSAGE = utf8('a message of some length, opaque to the envelope');
const HEAD = 113;

function seal(from: Party, to: Public<'Device'>, message: Uint8Array = MESSAGE): Uint8Array {
  const sender = { accountKey: from.account.publicKey, device: from.device };
  return sealEnvelope({ from: sender, to, message, random: from.random });
}

function contains(haystack: Uint8Array, needle: Uint8Array): boolean {
  return Buffer.from(haystack).includes(Buffer.from(needle));
}

describe('sealed envelope', () => {
  it('C-ENVELOPE-1 shows neither sender nor recipient nor content, and never looks the same', () => {
    const { alice, bob } = twoParties();
    const [one, two] = [seal(alice, bob.device.publicKey), seal(alice, bob.device.publicKey)];
    const keys = [alice.account.publicKey, alice.device.publicKey, bob.account.publicKey, bob.device.publicKey];
    for (const needle of [...keys, MESSAGE]) expect(contains(one, needle.slice(0, 8))).toBe(false);
    const same = one.reduce((count, byte, index) => count + (byte === two[index] ? 1 : 0), 0);
    expect(one[0]).toBe(two[0]);
    expect(same).toBeLessThan(20);
  });

  it('C-ENVELOPE-2 has the length of a bucket', () => {
    const { alice, bob } = twoParties();
    const lengths = [0, 1, 382, 383, 894, 895, 3966, 3967, 6014, 6015, 100_000, ENVELOPE_MESSAGE_BYTES].map(
      (length) => seal(alice, bob.device.publicKey, new Uint8Array(length)).length,
    );
    expect(lengths).toEqual([512, 512, 512, 1024, 1024, 2048, 4096, 6144, 6144, 8192, 131_072, 262_144]);
  });

  it('C-ENVELOPE-2 padding comes off exactly, and malformed padding not at all', () => {
    for (const content of [
      new Uint8Array(0),
      Uint8Array.of(0),
      Uint8Array.of(0x80),
      Uint8Array.of(1, 0x80, 0, 0),
      MESSAGE,
    ]) {
      expect(unpad(padToBucket(content))).toEqual(content);
      expect(padToBucket(content, 12).length + 12).toBe(512);
    }
    for (const bad of [new Uint8Array(0), new Uint8Array(9), Uint8Array.of(1), Uint8Array.of(0x81, 0)]) {
      expect(unpad(bad)).toBeUndefined();
    }
  });

  it('C-ENVELOPE-3 opens for the recipient', () => {
    const { alice, bob } = twoParties();
    expect(must(openEnvelope(bob.device, seal(alice, bob.device.publicKey)))).toEqual({
      accountKey: alice.account.publicKey,
      deviceKey: alice.device.publicKey,
      message: MESSAGE,
    });
    expect(must(openEnvelope(alice.device, seal(alice, alice.device.publicKey))).message).toEqual(MESSAGE);
  });

  it('C-ENVELOPE-3 opens for nobody else, and with no bit changed', () => {
    const { alice, bob, random } = twoParties();
    const bytes = seal(alice, bob.device.publicKey);
    expect(openEnvelope(createDevice(random), bytes)).toEqual({ ok: false, error: { type: 'NotForMe' } });
    expect(openEnvelope(alice.device, bytes)).toEqual({ ok: false, error: { type: 'NotForMe' } });
    for (let bit = 0; bit < bytes.length * 8; bit += bit < HEAD * 8 ? 3 : 41) {
      const opened = openEnvelope(bob.device, flip(bytes, bit));
      if (opened.ok) throw new Error(`bit ${bit} opened`);
      const expected = bit < 8 ? 'Malformed' : bit < HEAD * 8 ? 'NotForMe' : 'Forged';
      // The top bit of an X25519 key is ignored by RFC 7748, but not by the key derivation.
      expect(opened.error.type, `bit ${bit}`).toBe(expected);
    }
    for (let length = 0; length < bytes.length; length++)
      expect(openEnvelope(bob.device, bytes.slice(0, length)).ok).toBe(false);
  });

  it('C-ENVELOPE-4 naming a device without having its secret is Forged', () => {
    const { alice, bob, random } = twoParties();
    const mallory = createParty(random);
    const posing = { ...mallory.device, publicKey: alice.device.publicKey };
    const from = { accountKey: alice.account.publicKey, device: posing };
    const bytes = sealEnvelope({ from, to: bob.device.publicKey, message: MESSAGE, random });
    expect(openEnvelope(bob.device, bytes)).toEqual({ ok: false, error: { type: 'Forged' } });
  });

  it('C-ENVELOPE-4 names that are no keys are Forged', () => {
    const { alice, bob } = twoParties();
    const none = new Uint8Array(32);
    for (const from of [
      { accountKey: asPublic<'Account'>(none), device: alice.device },
      { accountKey: alice.account.publicKey, device: { ...alice.device, publicKey: asPublic<'Device'>(none) } },
    ]) {
      const bytes = sealEnvelope({ from, to: bob.device.publicKey, message: MESSAGE, random: alice.random });
      expect(openEnvelope(bob.device, bytes)).toEqual({ ok: false, error: { type: 'Forged' } });
    }
  });

  it('C-ENVELOPE-5 is capped on both sides', () => {
    const { alice, bob } = twoParties();
    const tooLong = new Uint8Array(ENVELOPE_MESSAGE_BYTES + 1);
    expect(() => seal(alice, bob.device.publicKey, tooLong)).toThrow(RangeError);
    expect(() => seal(alice, asPublic<'Device'>(new Uint8Array(32)))).toThrow(Error);
    const bytes = new Uint8Array(262_145);
    bytes[0] = 1;
    expect(openEnvelope(bob.device, bytes)).toEqual({ ok: false, error: { type: 'Malformed' } });
  });
});
