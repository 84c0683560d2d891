/**
 * An append-only file of JSON lines, the durable form of the ledger. A line counts once it is synced to disk. A line that
 * was cut off by a crash at the very end was never acknowledged and is dropped; anything else unreadable stops the server,
 * because guessing here would delete somebody's blobs.
 */
import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

/** An open journal. One process per file. */
export class Journal {
  private tail: Promise<void> = Promise.resolve();
  private lines = 0;

  private constructor(
    private readonly file: string,
    private handle: FileHandle,
    private length: number,
  ) {}

  /** Opens or creates the file, starting it anew with `keep` (what the caller made of the lines that were in it). */
  static async open(file: string, keep: (lines: readonly unknown[]) => readonly unknown[]): Promise<Journal> {
    const journal = new Journal(file, await open(file, 'a', 0o600), 0);
    try {
      await journal.rewrite(keep(await readLines(file)));
      return journal;
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  /** How many lines were written since the last rewrite. */
  get size(): number {
    return this.lines;
  }

  /** Resolves when the line is on disk. When that fails the file is as if it had never been tried. */
  append(line: unknown): Promise<void> {
    return this.inTurn(async () => {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        await this.handle.appendFile(bytes);
        await this.handle.datasync();
      } catch (error) {
        await this.handle.truncate(this.length);
        throw error;
      }
      this.length += bytes.length;
      this.lines++;
    });
  }

  /** Replaces all lines in one atomic step. */
  rewrite(lines: readonly unknown[]): Promise<void> {
    return this.inTurn(async () => {
      const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      await writeDurably(`${this.file}.next`, bytes);
      await rename(`${this.file}.next`, this.file);
      await syncFolder(path.dirname(this.file));
      await this.handle.close();
      this.handle = await open(this.file, 'a', 0o600);
      this.length = bytes.length;
      this.lines = 0;
    });
  }

  /** Waits for what is being written. */
  close(): Promise<void> {
    return this.inTurn(() => this.handle.close());
  }

  private inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.tail.then(step);
    this.tail = done.catch(() => undefined);
    return done;
  }
}

async function readLines(file: string): Promise<unknown[]> {
  const texts = (await readFile(file, 'utf8')).split('\n');
  texts.pop(); // what follows the last line end: nothing, or a line that a crash cut off
  return texts.map((text, index) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new Error(`line ${index + 1} of the ledger is damaged`);
    }
  });
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}
