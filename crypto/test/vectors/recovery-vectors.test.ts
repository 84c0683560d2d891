/** The committed vectors of recovery phrases and of streams. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  accountFromSeed,
  backupKey,
  openEscrow,
  readRecoveryWords,
  ready,
  recoveryIdOf,
  recoveryKeyOf,
  recoveryWords,
  sealEscrow,
  signAsRecovery,
  startOpening,
  verifyAsRecovery,
} from '../../src/index.ts';
import { asSecret } from '../../src/keys.ts';
import { err, ok } from '../../src/result.ts';
import { sealStream } from '../support/secret-stream.ts';
import { must } from '../support/world.ts';
import { hex, unhex } from './hex.ts';
import { errorOf, loadVector, opensOnlyWhole } from './load.ts';

beforeAll(ready);

describe('recovery.json', () => {
  const vector = loadVector('recovery');
  const secretOf = (text: string) => asSecret<'Recovery'>(unhex(text));

  it('C-RECOVERY-1 C-RECOVERY-2 key, id and signature', () => {
    const secret = secretOf(vector.secret);
    const key = recoveryKeyOf(secret);
    expect([hex(key), recoveryIdOf(key)]).toEqual([vector.key, vector.id]);
    const { label, body, signature } = vector.signature;
    expect(hex(signAsRecovery(secret, label, unhex(body)))).toBe(signature);
    const check = (bytes: Uint8Array) =>
      verifyAsRecovery(key, label, unhex(body), bytes) ? ok(null) : err({ type: 'Invalid' });
    opensOnlyWhole(unhex(signature), check);
  });

  it('C-RECOVERY-3 C-RECOVERY-4 words, whole and broken', () => {
    expect(recoveryWords(secretOf(vector.secret))).toEqual(vector.words);
    for (const text of [vector.words.join(' '), ...vector.typed])
      expect(hex(must(readRecoveryWords(text))), text).toBe(vector.secret);
    for (const bad of vector.mustFail.phrases) expect(errorOf(readRecoveryWords(bad.text)), bad.why).toBe(bad.error);
  });

  it('C-RECOVERY-5 C-BACKUP-1 escrow and backup key, whole and broken', () => {
    const account = accountFromSeed(unhex(vector.account.seed));
    const secret = secretOf(vector.secret);
    expect(hex(sealEscrow(secret, account))).toBe(vector.escrow);
    expect(must(openEscrow(secret, unhex(vector.escrow)))).toEqual(account);
    expect(hex(backupKey(account))).toBe(vector.backupKey);
    opensOnlyWhole(unhex(vector.escrow), (escrow) => openEscrow(secret, escrow));
    for (const bad of vector.mustFail.escrows)
      expect(errorOf(openEscrow(secretOf(bad.secret), unhex(bad.escrow))), bad.why).toBe('WrongPhrase');
  });
});

describe('stream.json', () => {
  const vector = loadVector('stream');
  const key = asSecret<'Backup'>(unhex(vector.key));
  const start = () => must(startOpening(key, unhex(vector.header)));

  it('C-STREAM-1 C-STREAM-3 the stream, as listed and as another implementation seals it', () => {
    const { pull } = start();
    const opened = vector.chunks.map(({ sealed, ad }) => must(pull(unhex(sealed), unhex(ad))));
    expect(opened.map(({ chunk, final }) => ({ chunk: hex(chunk), final }))).toEqual(
      vector.chunks.map(({ chunk, final }) => ({ chunk, final })),
    );
    const plain = vector.chunks.map(({ chunk, ad, final }) => ({ chunk: unhex(chunk), ad: unhex(ad), final }));
    expect(sealStream(key, unhex(vector.header), plain).map(hex)).toEqual(vector.chunks.map(({ sealed }) => sealed));
  });

  it('C-STREAM-2 chunks, whole and broken', () => {
    const [first] = vector.chunks;
    const ad = unhex(first?.ad ?? '');
    opensOnlyWhole(unhex(first?.sealed ?? ''), (bytes) => start().pull(bytes, ad));
    for (const bad of vector.mustFail)
      expect(errorOf(start().pull(unhex(bad.sealed), unhex(bad.ad))), bad.why).toBe('Damaged');
  });
});
