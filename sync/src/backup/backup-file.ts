/**
 * The encrypted backup: what one own device would tell another (SPEC, "Own devices"), written into a file. The file's key
 * derives from the account's secret, so the recovery phrase opens it; only whole files of the own account are taken.
 *
 *     file  = magic 16 "SecureChat bkp 1" | tag 16 (names the account to itself only) | stream header 24 | frames
 *     frame = length u32 | sealed payload       the last one is sealed as final, so a file that was cut short is noticed
 */
import {
  type Account,
  type Random,
  backupKey,
  concat,
  equalBytes,
  hash,
  startOpening,
  startSealing,
  utf8,
} from '@securechat/crypto';
import { type Part, decodePayload, encodePayload } from '../payload/payload.ts';

const MAGIC = utf8('SecureChat bkp 1');
const TAG_BYTES = 16;
const HEADER_BYTES = 24;
const LENGTH_BYTES = 4;
/** Far above what a frame holds: a payload of one envelope. */
const FRAME_LIMIT = 1024 * 1024;
const NO_VIEW = { length: 0, head: new Uint8Array(32) };
const VIEWS = { mine: NO_VIEW, yours: NO_VIEW, yourProfile: 0 };

/** `Damaged`: not a backup, changed, or cut short. `OfAnother`: a backup that this account's key does not open. */
export type BackupError = { readonly type: 'Damaged' } | { readonly type: 'OfAnother' };

/** Seals a backup, piece by piece; the pieces joined are the file. */
export function startBackup(
  account: Account,
  random: Random,
): { readonly head: Uint8Array; add(parts: readonly Part[], isLast: boolean): Uint8Array } {
  const key = backupKey(account);
  const sealing = startSealing(key, random);
  return {
    head: concat(MAGIC, tagOf(key), sealing.header),
    add: (parts, isLast) => {
      const sealed = sealing.push(encodePayload({ views: VIEWS, parts }), isLast);
      const length = new Uint8Array(LENGTH_BYTES);
      new DataView(length.buffer).setUint32(0, sealed.length);
      return concat(length, sealed);
    },
  };
}

/** Opens a backup that comes in pieces of any size. After an error nothing more is taken. */
export class BackupReader {
  readonly #key: Uint8Array;
  #opening: Extract<ReturnType<typeof startOpening>, { ok: true }>['value'] | undefined;
  #rest: Uint8Array = new Uint8Array(0);
  #isComplete = false;
  #error: BackupError | undefined;

  constructor(account: Account) {
    this.#key = backupKey(account);
  }

  /** The last frame was read. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The frames that the bytes so far complete: those before the damage, if there is any. */
  read(bytes: Uint8Array): { readonly frames: readonly (readonly Part[])[]; readonly error?: BackupError } {
    const frames: (readonly Part[])[] = [];
    if (this.#error !== undefined) return { frames, error: this.#error };
    this.#rest = concat(this.#rest, bytes);
    if (this.#opening === undefined) {
      if (this.#rest.length < MAGIC.length + TAG_BYTES + HEADER_BYTES) return { frames };
      const started = this.#start();
      if (started !== undefined) return { frames, error: this.#fail(started) };
    }
    for (;;) {
      const frame = this.#next();
      if (frame === undefined) return { frames };
      if (frame === 'Damaged') return { frames, error: this.#fail({ type: 'Damaged' }) };
      frames.push(frame);
    }
  }

  #start(): BackupError | undefined {
    const key = this.#key;
    if (!equalBytes(this.#take(MAGIC.length), MAGIC)) return { type: 'Damaged' };
    if (!equalBytes(this.#take(TAG_BYTES), tagOf(key))) return { type: 'OfAnother' };
    const opening = startOpening(key as ReturnType<typeof backupKey>, this.#take(HEADER_BYTES));
    if (!opening.ok) return { type: 'Damaged' };
    this.#opening = opening.value;
    return undefined;
  }

  /** Undefined: the next frame is not whole yet. */
  #next(): readonly Part[] | 'Damaged' | undefined {
    if (this.#rest.length === 0) return undefined;
    if (this.#isComplete) return 'Damaged';
    if (this.#rest.length < LENGTH_BYTES) return undefined;
    const length = new DataView(this.#rest.buffer, this.#rest.byteOffset).getUint32(0);
    if (length > FRAME_LIMIT) return 'Damaged';
    if (this.#rest.length < LENGTH_BYTES + length) return undefined;
    this.#take(LENGTH_BYTES);
    const opened = this.#opening?.pull(this.#take(length));
    if (opened?.ok !== true) return 'Damaged';
    const payload = decodePayload(opened.value.chunk);
    if (!payload.ok) return 'Damaged';
    this.#isComplete = opened.value.final;
    return payload.value.parts;
  }

  #take(length: number): Uint8Array {
    const taken = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    return taken;
  }

  #fail(error: BackupError): BackupError {
    this.#error = error;
    this.#rest = new Uint8Array(0);
    return error;
  }
}

function tagOf(key: Uint8Array): Uint8Array {
  return hash('SecureChat backup tag v1', key).slice(0, TAG_BYTES);
}
