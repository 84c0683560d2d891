/** Vectors of the vault: wrapped master key, derived keys, sealed values, blinded names. */
import { blind, createMasterKey, deriveKey, sealValue, utf8, wrapMasterKey } from '../../src/index.ts';
import { argon2id } from '../../src/sodium.ts';
import { hkdf } from '../support/independent.ts';
import { counted, hex, scripted, tampered } from './hex.ts';

const COST = { operations: 2, memoryKiB: 64 };
const PASSPHRASE = 'correct horse ﬁne';

export function buildVault() {
  const master = createMasterKey(scripted([hex(counted(0))]));
  const draws = [hex(counted(0x20, 16)), hex(counted(0x40, 24))];
  const wrapped = wrapMasterKey({ passphrase: PASSPHRASE, master, random: scripted(draws), cost: COST });
  const stretched = argon2id(utf8(PASSPHRASE.normalize('NFKC')), counted(0x20, 16), COST);
  if (stretched === undefined) throw new Error('argon2id');
  const key = deriveKey(master, 'store values');
  const [plaintext, ad] = [utf8('a value'), utf8('its place')];
  const sealed = sealValue(key, plaintext, ad, scripted([hex(counted(0x60, 24))]));
  const expensive = wrapped.slice();
  new DataView(expensive.buffer).setUint32(5, 1024 * 1024 + 1);
  return {
    master: hex(master),
    passphrase: {
      text: PASSPHRASE,
      cost: COST,
      draws,
      stretched: hex(stretched),
      key: hex(hkdf(new Uint8Array(32), stretched, 'SecureChat vault wrap v1', 32)),
      wrapped: hex(wrapped),
    },
    derived: { label: 'store values', key: hex(key) },
    value: { plaintext: hex(plaintext), ad: hex(ad), nonce: hex(counted(0x60, 24)), sealed: hex(sealed) },
    blinded: [['a', 'bc'], ['ab', 'c'], ['abc'], []].map((parts) => ({ parts, name: blind(key, parts) })),
    mustFail: {
      wrapped: [
        {
          why: 'another passphrase',
          passphrase: 'Correct horse fine',
          wrapped: hex(wrapped),
          error: 'WrongPassphrase',
        },
        { why: 'salt changed', passphrase: PASSPHRASE, wrapped: hex(tampered(wrapped, 9)), error: 'WrongPassphrase' },
        { why: 'key changed', passphrase: PASSPHRASE, wrapped: hex(tampered(wrapped, -20)), error: 'WrongPassphrase' },
        { why: 'cost changed', passphrase: PASSPHRASE, wrapped: hex(tampered(wrapped, 8)), error: 'WrongPassphrase' },
        { why: 'cost over the cap', passphrase: PASSPHRASE, wrapped: hex(expensive), error: 'Malformed' },
        { why: 'another version', passphrase: PASSPHRASE, wrapped: hex(tampered(wrapped, 0)), error: 'Malformed' },
        { why: 'cut', passphrase: PASSPHRASE, wrapped: hex(wrapped.slice(1)), error: 'Malformed' },
      ],
      values: [
        { why: 'another place', ad: hex(utf8('its Place')), sealed: hex(sealed) },
        { why: 'nonce changed', ad: hex(ad), sealed: hex(tampered(sealed, 0)) },
        { why: 'content changed', ad: hex(ad), sealed: hex(tampered(sealed, 24)) },
        { why: 'cut', ad: hex(ad), sealed: hex(sealed.slice(0, -1)) },
      ],
    },
  };
}
