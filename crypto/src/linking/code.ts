/**
 * The link code: what a person carries from the new device to an own one, as a QR code or by typing. 100 random bits in
 * Crockford's base32, which has no I, L, O and U. Whoever has it may take part in the ceremony (`ceremony` of SPEC.md), no
 * more: the comparison shows that somebody else did. Knows nothing of messages.
 *
 *     code       = 20 symbols of 5 bits, one a byte      shown as ABCD-EFGH-JKMN-PQRS-TVWX
 *     rendezvous = HKDF(salt 0, code, "SecureChat link rendezvous v1"), 16 bytes
 */
import { hkdf, NO_SALT } from '../kdf.ts';
import type { Secret } from '../keys.ts';
import { asSecret } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import type { Result } from '../result.ts';
import { err, ok } from '../result.ts';

/** 20 symbols of 5 bits. Made anew for every ceremony. */
export type LinkCode = Secret<'LinkCode'>;

const SYMBOLS = 20;
const GROUP = 4;
const RENDEZVOUS_BYTES = 16;
/** A typed code with all its blanks; more is not looked at. */
const TEXT_LENGTH = 100;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** How people type symbols: any case, and the letters that Crockford's alphabet leaves out for looking like digits. */
const VALUE_OF: ReadonlyMap<string, number> = new Map([
  ...[...ALPHABET].flatMap((symbol, value) => spellings(symbol, value)),
  ...spellings('O', 0),
  ...spellings('I', 1),
  ...spellings('L', 1),
]);
const BLANKS = /[\s\p{Dash_Punctuation}_.]/gu;

/** A new code. */
export function createLinkCode(random: Random): LinkCode {
  return asSecret<'LinkCode'>(random(SYMBOLS).map((byte) => byte & 31));
}

/** The code for people: five groups of four. The text is as secret as the code. */
export function formatLinkCode(code: LinkCode): string {
  const symbols = [...code].map((value) => ALPHABET.charAt(value)).join('');
  return (symbols.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-');
}

/** What somebody typed or scanned, whatever the case, blanks and dashes; O is 0, I and L are 1. */
export function parseLinkCode(text: string): Result<LinkCode, { readonly type: 'NotACode' }> {
  if (text.length > TEXT_LENGTH) return err({ type: 'NotACode' });
  const symbols = [...text.normalize('NFKC').replace(BLANKS, '')].map((symbol) => VALUE_OF.get(symbol));
  const values = symbols.filter((value) => value !== undefined);
  if (symbols.length !== SYMBOLS || values.length !== SYMBOLS) return err({ type: 'NotACode' });
  return ok(asSecret<'LinkCode'>(Uint8Array.from(values)));
}

/** Where both devices meet at the relay: 16 bytes that say nothing about the code. */
export function linkRendezvous(code: LinkCode): Uint8Array {
  return new Uint8Array(
    hkdf<'Rendezvous'>({
      salt: NO_SALT,
      material: code,
      info: LABELS.linkRendezvous,
      length: RENDEZVOUS_BYTES,
    }),
  );
}

function spellings(symbol: string, value: number): readonly (readonly [string, number])[] {
  return [
    [symbol, value],
    [symbol.toLowerCase(), value],
  ];
}
