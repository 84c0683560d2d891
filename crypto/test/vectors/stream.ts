/** Vectors of a stream: header and sealed chunks, and orders in which they must not open. */
import { startSealing, utf8 } from '../../src/index.ts';
import { asSecret } from '../../src/keys.ts';
import { counted, hex, scripted, tampered } from './hex.ts';

const CHUNKS = [
  { chunk: utf8('the first chunk'), ad: utf8('place 0'), final: false },
  { chunk: counted(0, 100), ad: new Uint8Array(), final: false },
  { chunk: new Uint8Array(), ad: utf8('place 2'), final: true },
];

export function buildStream() {
  const key = asSecret<'Backup'>(counted(0x40));
  const { header, push } = startSealing(key, scripted([hex(counted(0, 24))]));
  const chunks = CHUNKS.map(({ chunk, ad, final }) => ({
    chunk: hex(chunk),
    ad: hex(ad),
    final,
    sealed: hex(push(chunk, final, ad)),
  }));
  const [first, second] = chunks;
  if (first === undefined || second === undefined) throw new Error('chunks');
  const bytes = new Uint8Array(Buffer.from(first.sealed, 'hex'));
  const { ad, sealed } = first;
  return {
    key: hex(key),
    header: hex(header),
    chunks,
    mustFail: [
      { why: 'another ad', ad: hex(utf8('place 1')), sealed },
      { why: 'the second chunk first', ad: second.ad, sealed: second.sealed },
      { why: 'tag byte changed', ad, sealed: hex(tampered(bytes, 0)) },
      { why: 'content changed', ad, sealed: hex(tampered(bytes, 1)) },
      { why: 'authenticator changed', ad, sealed: hex(tampered(bytes, -1)) },
      { why: 'cut', ad, sealed: hex(bytes.slice(0, -1)) },
      { why: 'nothing', ad, sealed: '' },
    ],
  };
}
