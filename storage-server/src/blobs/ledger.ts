/**
 * Who may do what with which blob, and how much everybody uses: the one answer to both. Held in memory, durable through the
 * journal. It knows nothing of bytes; a `BlobStore` keeps those.
 */
import type { BlobId } from './blob-id.ts';
import { Journal } from './journal.ts';

declare const brand: unique symbol;
/** A pseudonym of an account, made by the relay: it tells blobs of different accounts apart and nothing else. */
export type Owner = string & { readonly [brand]: 'Owner' };

/** One blob. Times are milliseconds since 1970; `finishedAt` is absent while bytes are missing. */
export interface Entry {
  readonly id: BlobId;
  readonly owner: Owner;
  readonly size: number;
  readonly createdAt: number;
  readonly finishedAt?: number;
  /** S3's name of the upload, while it is unfinished in a bucket. */
  readonly multipart?: string;
}

/** What an account occupies. Announced bytes count from the start, so that many uploads at once cannot exceed a quota. */
export interface Usage {
  readonly bytes: number;
  readonly blobs: number;
  readonly unfinished: number;
}

type Line = { readonly put: Entry } | { readonly remove: BlobId };

const NOTHING: Usage = { bytes: 0, blobs: 0, unfinished: 0 };
/** The journal is rewritten when it holds this many more lines than there are blobs. */
const SPARE_LINES = 10_000;

/** See the module's header. */
export class Ledger {
  private readonly byId = new Map<BlobId, Entry>();
  private readonly byOwner = new Map<Owner, Usage>();
  private totalBytes = 0;

  private journal: Journal | undefined;

  /** Reads `file`, or starts it; before that the ledger knows nothing and takes nothing. Rejects when it is damaged. */
  async load(file: string): Promise<void> {
    this.journal = await Journal.open(file, (lines) => {
      for (const line of lines as readonly Line[]) this.apply(line);
      return this.lines();
    });
  }

  /** The blob of that name. */
  get(id: BlobId): Entry | undefined {
    return this.byId.get(id);
  }

  /** What an account occupies. */
  usageOf(owner: Owner): Usage {
    return this.byOwner.get(owner) ?? NOTHING;
  }

  /** What all accounts occupy. */
  get total(): { readonly blobs: number; readonly bytes: number } {
    return { blobs: this.byId.size, bytes: this.totalBytes };
  }

  /** A snapshot of all blobs. */
  entries(): readonly Entry[] {
    return [...this.byId.values()];
  }

  /** Adds or replaces a blob. It counts at once; when it cannot be made durable it is taken back and this rejects. */
  async put(entry: Entry): Promise<void> {
    const before = this.byId.get(entry.id);
    this.apply({ put: entry });
    try {
      await this.open.append({ put: entry } satisfies Line);
    } catch (error) {
      if (this.byId.get(entry.id) === entry) this.apply(before === undefined ? { remove: entry.id } : { put: before });
      throw error;
    }
  }

  /** Forgets a blob; nothing happens when it is not there. */
  async remove(id: BlobId): Promise<void> {
    if (!this.byId.has(id)) return;
    this.apply({ remove: id });
    await this.open.append({ remove: id } satisfies Line);
  }

  /** Drops what the journal holds of blobs that are gone, when that has become much. */
  async compact(): Promise<void> {
    if (this.open.size > this.byId.size + SPARE_LINES) await this.open.rewrite(this.lines());
  }

  /** Waits for what is being written. */
  close(): Promise<void> {
    return this.open.close();
  }

  private get open(): Journal {
    if (this.journal === undefined) throw new Error('the ledger is not open');
    return this.journal;
  }

  private lines(): Line[] {
    return this.entries().map((put) => ({ put }));
  }

  private apply(line: Line): void {
    const id = 'put' in line ? line.put.id : line.remove;
    const before = this.byId.get(id);
    if (before !== undefined) this.count(before, -1);
    if ('put' in line) {
      this.byId.set(id, line.put);
      this.count(line.put, 1);
    } else {
      this.byId.delete(id);
    }
  }

  private count({ owner, size, finishedAt }: Entry, sign: 1 | -1): void {
    const { bytes, blobs, unfinished } = this.usageOf(owner);
    const waiting = finishedAt === undefined ? sign : 0;
    this.totalBytes += sign * size;
    if (blobs + sign === 0) this.byOwner.delete(owner);
    else this.byOwner.set(owner, { bytes: bytes + sign * size, blobs: blobs + sign, unfinished: unfinished + waiting });
  }
}
