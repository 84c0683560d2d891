/** The encrypted backup file: made part by part, read piece by piece. One thing at a time. */
import type { App } from '$lib/state/app.svelte.ts';
import { dateForName, type FileKind, type FileSink } from '$lib/state/file-sink.ts';
import { describeError, text } from '$lib/text/index.ts';

/** Small enough to show progress and to leave the engine room for other things between two. */
const PIECE = 512 * 1024;

export type Task = 'export' | 'import';

export class Backup {
  /** What is being done, and how far it is (0..1). */
  task = $state<Task>();
  progress = $state(0);
  error = $state<{ readonly task: Task; readonly text: string }>();
  /** Messages in the file that was imported last. */
  imported = $state<number>();
  #isStopped = false;
  readonly #app: App;
  readonly #openSink: (kind: FileKind) => Promise<FileSink | undefined>;

  constructor(app: App, openSink: (kind: FileKind) => Promise<FileSink | undefined>) {
    this.#app = app;
    this.#openSink = openSink;
  }

  /** To be called in the click. */
  async export(): Promise<void> {
    const name = `securechat-backup-${dateForName(Date.now())}.securechat`;
    const sink = await this.#openSink({ name, type: 'application/octet-stream', extension: '.securechat' });
    if (!sink) return;
    const isDone = await this.#during('export', () => this.#write(sink));
    if (isDone) this.#app.toasts.info(text.backup.exported);
  }

  async import(file: Blob): Promise<void> {
    this.imported = undefined;
    await this.#during('import', () => this.#read(file));
  }

  /** What was read by then stays; a file that was being made does not come to be. */
  stop(): void {
    this.#isStopped = true;
  }

  async #during(task: Task, work: () => Promise<boolean>): Promise<boolean> {
    this.task = task;
    this.progress = 0;
    this.error = undefined;
    this.#isStopped = false;
    const isDone = await work();
    this.task = undefined;
    return isDone;
  }

  async #write(sink: FileSink): Promise<boolean> {
    try {
      if (await this.#writeParts(sink)) {
        await sink.close();
        return true;
      }
    } catch {
      this.#fail('export', text.backup.unwritable); // the disk is full, or was pulled out
    }
    await sink.abort().catch(() => undefined); // closed already: there is nothing to take back
    return false;
  }

  async #writeParts(sink: FileSink): Promise<boolean> {
    let cursor: string | undefined;
    do {
      const result = await this.#app.ask('backupPart', cursor === undefined ? {} : { cursor });
      if (result && !result.ok) this.#fail('export', describeError(result.error));
      if (!result?.ok || this.#isStopped) return false;
      const { bytes, next, done, total } = result.value;
      await sink.write(new Uint8Array(bytes));
      this.progress = total === 0 ? 1 : done / total;
      cursor = next;
    } while (cursor !== undefined);
    return true;
  }

  async #read(file: Blob): Promise<boolean> {
    let at = 0;
    do {
      const bytes = await readPiece(file, at);
      if (!bytes) this.#fail('import', text.backup.unreadable);
      if (!bytes || this.#isStopped) return false;
      const end = at + bytes.length;
      const isLast = end >= file.size;
      const result = await this.#app.ask('importBackupPart', { bytes, first: at === 0, last: isLast });
      if (result && !result.ok) this.#fail('import', describeError(result.error));
      if (!result?.ok) return false;
      at = end;
      this.progress = file.size === 0 ? 1 : at / file.size;
      if (isLast) this.imported = result.value.messages;
    } while (at < file.size);
    return true;
  }

  #fail(task: Task, message: string): void {
    this.error = { task, text: message };
  }
}

/** Undefined when the file cannot be read: it was moved or changed since it was chosen. */
async function readPiece(file: Blob, at: number): Promise<Uint8Array | undefined> {
  const buffer = await file
    .slice(at, at + PIECE)
    .arrayBuffer()
    .catch(() => undefined);
  return buffer && new Uint8Array(buffer);
}
