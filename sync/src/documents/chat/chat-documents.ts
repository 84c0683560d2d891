/** The documents of one chat as the engine sees them: each call a job in the chat's lane, orchestration only. */
import { type AuthorKey, fromBase64Url, toBase64Url } from '@securechat/crypto';
import type { RecordId } from '../../api.ts';
import type { Hlc } from '../../records/hlc.ts';
import type { RecordDraft, VerifiedRecord } from '../../records/record.ts';
import { appendRecord, findChange, turnSegment } from './appending.ts';
import { ChatMemory } from './chat-memory.ts';
import { recordsOf } from '../change/entry.ts';
import { exportSegment } from './export.ts';
import { ingestChanges } from './ingestion.ts';
import { Intake } from '../guard/intake.ts';
import { rehome } from './rehome.ts';
import { makeAnswer, makeCommon, makeSummary } from '../repair/repair.ts';
import { RefusedByAutomerge } from '../segment/segment.ts';
import type { Summary } from '../repair/summary.ts';
import type {
  Answer,
  AnswerOptions,
  Appended,
  ChatDocuments,
  ChatDocumentsOptions,
  Ingested,
  WireChange,
} from '../types.ts';

/** Opens a chat's documents: reads its small state, its newest segment and what is held. */
export async function openChatDocuments(options: ChatDocumentsOptions): Promise<ChatDocuments> {
  const memory = new ChatMemory(options);
  await memory.run(() => Promise.resolve());
  return new OpenChat(memory);
}

class OpenChat implements ChatDocuments {
  readonly recovered: readonly VerifiedRecord[];
  readonly #memory: ChatMemory;

  constructor(memory: ChatMemory) {
    this.#memory = memory;
    this.recovered = memory.takeLate();
  }

  append(author: AuthorKey, draft: RecordDraft): Promise<Appended> {
    return this.#memory.run(() => appendRecord(this.#memory, author, draft));
  }

  async ingest(changes: readonly WireChange[], now: number): Promise<Ingested> {
    try {
      return await this.#ingest(changes, now);
    } catch (error) {
      if (!(error instanceof RefusedByAutomerge)) throw error;
      return this.#ingestSingly(changes, now);
    }
  }

  summary(): Promise<Summary> {
    return this.#memory.run(() => makeSummary(this.#memory.segments));
  }

  common(theirs: Summary): Promise<Summary> {
    return this.#memory.run(() => makeCommon(this.#memory.segments, theirs));
  }

  answer(theirs: Summary, budget: number, options: AnswerOptions = {}): Promise<Answer> {
    const limits = { budget, ...options };
    return this.#memory.run(() => makeAnswer(this.#memory.segments, this.#memory.held, theirs, limits));
  }

  turn(): Promise<number> {
    return this.#memory.run(() => turnSegment(this.#memory));
  }

  turnIfOlder(ms: number): Promise<void> {
    return this.#memory.run(async () => {
      const { segments } = this.#memory;
      if ((await segments.at(segments.newest)).graph.earliestMs < ms) await turnSegment(this.#memory);
    });
  }

  segmentSince(ms: number): Promise<{ readonly segment: number; readonly isFinal: boolean }> {
    const { segments } = this.#memory;
    return this.#memory.run(async () => {
      const here = segments.numbers();
      for (const number of here) {
        const isOlder = (await segments.at(number)).graph.earliestMs < ms;
        segments.release();
        if (isOlder) {
          const segment = number === segments.newest ? await turnSegment(this.#memory) : number + 1;
          return { segment, isFinal: true };
        }
      }
      return { segment: here.at(-1) ?? 0, isFinal: segments.has(0) };
    });
  }

  changeOf(id: RecordId): Promise<WireChange | undefined> {
    return this.#memory.run(() => findChange(this.#memory.segments, id));
  }

  async *readAll(): AsyncIterable<readonly VerifiedRecord[]> {
    for (const number of this.#memory.segments.numbers()) {
      const entries = await this.#memory.run(async () => (await this.#memory.segments.at(number)).entries());
      if (entries.length > 0) yield entries.flatMap(recordsOf);
    }
  }

  async *exportChunks(): AsyncIterable<readonly WireChange[]> {
    for (const number of this.#memory.segments.numbers()) yield* exportSegment(this.#memory, number);
  }

  count(): number {
    return this.#memory.segments.count;
  }

  missing(): ReturnType<ChatDocuments['missing']> {
    return this.#memory.held.missing();
  }

  gaps(fromFirst = false): ReturnType<ChatDocuments['gaps']> {
    const { counters } = this.#memory.segments;
    return counters.authors().flatMap((author) => {
      const missing = counters.missing(author, fromFirst);
      return missing === 0 ? [] : [{ author: keyOf(author), missing }];
    });
  }

  witnesses(fromFirst = false): readonly Uint8Array[] {
    return [...this.gaps(fromFirst).map(({ author }) => author), ...this.#memory.held.authors().map(keyOf)];
  }

  maxN(author: Uint8Array): number {
    return this.#memory.segments.counters.max(toBase64Url(author));
  }

  authorsSeen(): readonly Uint8Array[] {
    return this.#memory.segments.counters.authors().map(keyOf);
  }

  latestTime(): Hlc {
    return this.#memory.segments.latest;
  }

  close(): Promise<void> {
    return this.#memory.close();
  }

  #ingest(changes: readonly WireChange[], now: number): Promise<Ingested> {
    const memory = this.#memory;
    return memory.run(async () => {
      const { held } = memory;
      await held.settle();
      const ingestion = memory.ingestion(now);
      const { intake } = ingestion;
      const carried: WireChange[] = [];
      for (const number of await ingestChanges(ingestion, changes))
        carried.push(...(await this.#rehome(number, intake)));
      const applied = [...memory.takeLate(), ...intake.applied];
      return { ...intake.result(), applied, missing: held.missingCount, carried };
    });
  }

  async #rehome(number: number, intake: Intake): Promise<WireChange[]> {
    const { segments, options } = this.#memory;
    const segment = await segments.at(number);
    this.#memory.compactLater(segment);
    return rehome({
      segment,
      newest: () => segments.at(segments.newest),
      carrier: options.carrier?.(),
      append: async (carrier, body) => {
        const draft = { n: carrier.nextN(), time: carrier.nextTime(), body };
        const { record, change } = await appendRecord(this.#memory, carrier.author, draft);
        intake.applied.push(record);
        return change;
      },
    });
  }

  /** Automerge did not take something the guard let through: finds out what, and refuses only that. */
  async #ingestSingly(changes: readonly WireChange[], now: number): Promise<Ingested> {
    const intake = new Intake();
    const carried: WireChange[] = [];
    for (const change of changes) {
      try {
        const one = await this.#ingest([change], now);
        intake.add(one);
        carried.push(...one.carried);
      } catch (error) {
        if (!(error instanceof RefusedByAutomerge)) throw error;
        intake.refuse({ type: 'Malformed', reason: 'the document did not take it' });
      }
    }
    return { ...intake.result(), missing: this.#memory.held.missingCount, carried };
  }
}

function keyOf(author: string): Uint8Array {
  return fromBase64Url(author) ?? new Uint8Array();
}
