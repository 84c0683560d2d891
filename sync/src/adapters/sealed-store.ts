/**
 * Store decorator: whatever is below it sees only ciphertext values and blinded keys. Owns that mapping; knows nothing
 * of tables' meanings. Spec: SPEC-projection, S-STORE rules; key grammar: `ports/store-key.ts`.
 *
 *     stored key   = blind(table, p1) ":" blind(table, p1, p2) ":" ... [":" ordered]
 *     stored value = seal(u16 length of true key | true key | value), bound to (table, stored key)
 *
 * What it does not hide: table names, how many keys share a prefix, value sizes, ordered parts (counters), and which
 * keys are written when.
 */
import { blind, openValue, sealValue, utf8, type Random, type Secret } from '@securechat/crypto';
import type { Entry, Range, Store, StoreOp, TableName } from '../ports/store.ts';
import { DamagedValueError } from '../ports/store-error.ts';
import { splitBound, splitKey } from '../ports/store-key.ts';

export interface SealedStoreOptions {
  readonly inner: Store;
  readonly keys: SealedStoreKeys;
  readonly random: Random;
}

/** Two keys, because two primitives: one seals values, one blinds names. */
export interface SealedStoreKeys {
  readonly values: Secret<'Vault'>;
  readonly names: Secret<'Vault'>;
}

const keyDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** `close` and `destroy` reach through to the inner store. Reads reject with a DamagedValueError on a bad value. */
export function createSealedStore(options: SealedStoreOptions): Store {
  return new SealedStore(options);
}

class SealedStore implements Store {
  readonly #inner: Store;
  readonly #sealer: Sealer;
  readonly #blinder: Blinder;

  constructor({ inner, keys, random }: SealedStoreOptions) {
    this.#inner = inner;
    this.#sealer = new Sealer(keys.values, random);
    this.#blinder = new Blinder(keys.names);
  }

  async get(table: TableName, key: string): Promise<Uint8Array | undefined> {
    const [value] = await this.getMany(table, [key]);
    return value;
  }

  async getMany(table: TableName, keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const stored = keys.map((key) => this.#blinder.key(table, key));
    const values = await this.#inner.getMany(table, stored);
    return values.map((sealed, index) => {
      if (sealed === undefined) return undefined;
      const entry = this.#sealer.open(table, stored[index] ?? '', sealed);
      if (entry.key !== keys[index]) throw new DamagedValueError(table);
      return entry.value;
    });
  }

  async range(table: TableName, range: Range): Promise<readonly Entry[]> {
    const entries = await this.#inner.range(table, { ...range, ...this.#blinder.range(table, range) });
    return entries.map(({ key, value }) => this.#sealer.open(table, key, value));
  }

  count(table: TableName, range: Pick<Range, 'from' | 'to'>): Promise<number> {
    return this.#inner.count(table, this.#blinder.range(table, range));
  }

  async commit(ops: readonly StoreOp[]): Promise<void> {
    await this.#inner.commit(ops.map((op) => this.#sealOp(op)));
  }

  usage(): Promise<number> {
    return this.#inner.usage();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  destroy(): Promise<void> {
    return this.#inner.destroy();
  }

  #sealOp(op: StoreOp): StoreOp {
    const { table } = op;
    if (op.op === 'deleteRange') {
      return { ...op, from: this.#blinder.bound(table, op.from), to: this.#blinder.bound(table, op.to) };
    }
    const key = this.#blinder.key(table, op.key);
    if (op.op === 'delete') return { op: 'delete', table, key };
    return { op: 'put', table, key, value: this.#sealer.seal(table, key, op) };
  }
}

/** Values: the true key travels inside, so that a range can give it back and a value cannot pose as another's. */
class Sealer {
  readonly #key: Secret<'Vault'>;
  readonly #random: Random;

  constructor(key: Secret<'Vault'>, random: Random) {
    this.#key = key;
    this.#random = random;
  }

  seal(table: TableName, storedKey: string, { key, value }: Entry): Uint8Array {
    const name = utf8(key);
    const plain = new Uint8Array(2 + name.length + value.length);
    new DataView(plain.buffer).setUint16(0, name.length);
    plain.set(name, 2);
    plain.set(value, 2 + name.length);
    return sealValue(this.#key, plain, boundTo(table, storedKey), this.#random);
  }

  open(table: TableName, storedKey: string, sealed: Uint8Array): Entry {
    const opened = openValue(this.#key, sealed, boundTo(table, storedKey));
    if (!opened.ok || opened.value.length < 2) throw new DamagedValueError(table);
    const plain = opened.value;
    const end = 2 + new DataView(plain.buffer, plain.byteOffset).getUint16(0);
    if (end > plain.length) throw new DamagedValueError(table);
    return { key: keyDecoder.decode(plain.subarray(2, end)), value: plain.slice(end) };
  }
}

function boundTo(table: TableName, storedKey: string): Uint8Array {
  return utf8(`${table}:${storedKey}`);
}

/** Blinded prefixes worth remembering: a batch touches one chat, and most of its keys differ in the last part only. */
const REMEMBERED = 2048;

/** Keys and bounds. Each part is blinded with all before it, so that one id under two prefixes looks like two. */
class Blinder {
  readonly #key: Secret<'Vault'>;
  readonly #prefixes = new Map<string, string>();

  constructor(key: Secret<'Vault'>) {
    this.#key = key;
  }

  key(table: TableName, key: string): string {
    const { hidden, ordered } = splitKey(key);
    if (ordered !== undefined) return [...this.#prefix(table, hidden), ordered].join(':');
    return [...this.#prefix(table, hidden.slice(0, -1)), blind(this.#key, [table, ...hidden])].join(':');
  }

  bound(table: TableName, bound: string): string {
    const { hidden, sign, ordered } = splitBound(bound);
    return this.#prefix(table, hidden).join(':') + sign + ordered;
  }

  range(table: TableName, { from, to }: Range): Pick<Range, 'from' | 'to'> {
    return {
      ...(from === undefined ? {} : { from: this.bound(table, from) }),
      ...(to === undefined ? {} : { to: this.bound(table, to) }),
    };
  }

  #prefix(table: TableName, parts: readonly string[]): string[] {
    return parts.map((_, index) => this.#remembered(table, parts.slice(0, index + 1)));
  }

  #remembered(table: TableName, parts: readonly string[]): string {
    const name = [table, ...parts].join(':');
    const known = this.#prefixes.get(name);
    if (known !== undefined) return known;
    const blinded = blind(this.#key, [table, ...parts]);
    if (this.#prefixes.size >= REMEMBERED) this.#prefixes.clear();
    this.#prefixes.set(name, blinded);
    return blinded;
  }
}
