/**
 * One personal document through its generations: the one in force, which is read and written, and perhaps a higher one
 * that another own device moved to and that is still coming in. The coming one is taken up when all that moved is here, or
 * at once by a device that has nothing; what this device has and the other lacks is then written into it.
 */
import type { Repo } from '@automerge/automerge-repo/slim';
import { Lane } from '../../lane.ts';
import { DocumentEvents, type NumberedChange } from './document-events.ts';
import { type FieldChange, parseFieldChange } from './field-change.ts';
import type { Assignment, FlatDocument, Scalar, TableKey } from './flat-document.ts';
import { type GenerationOptions, beginGeneration, openGenerations, saveGenerations } from './generation.ts';
import { keysOf, lackingIn, neededIn } from './needs.ts';
import { RepoDocument, type Taken } from './repo-document.ts';

export interface PersonalDocumentOptions extends GenerationOptions {
  readonly repo: Repo;
}

/** What taking in changes came to. */
export interface TakenIn {
  /** Something that a change depends on is not here: ask. */
  readonly missing: boolean;
  readonly refused: number;
  /** Some were of a generation that this device left: the sender should be shown what is newer. */
  readonly outdated: boolean;
}

/** A document and the number of its generation. */
export interface Numbered {
  readonly generation: number;
  readonly document: RepoDocument;
}

const MAX_GENERATION = 0xffffffff;

export class PersonalDocument implements FlatDocument {
  readonly #options: PersonalDocumentOptions;
  readonly #events: DocumentEvents;
  readonly #lane = new Lane();
  #current: Numbered;
  #coming: Numbered | undefined;

  private constructor(options: PersonalDocumentOptions, events: DocumentEvents, current: Numbered) {
    this.#options = options;
    this.#events = events;
    this.#current = current;
  }

  static async open(options: PersonalDocumentOptions): Promise<PersonalDocument> {
    const { current, coming } = await openGenerations(options);
    const events = new DocumentEvents();
    const opened = new PersonalDocument(options, events, await openNumbered(options, events, current));
    if (coming !== undefined) opened.#coming = await openNumbered(options, events, coming);
    await opened.#takeUp();
    return opened;
  }

  get name(): string {
    return this.#options.shape.name;
  }

  /** The highest generation of which something is here: what is told to others, and what they are given. */
  get newest(): Numbered {
    return this.#coming ?? this.#current;
  }

  keys(table: string): string[] {
    return this.#current.document.keys(table);
  }

  get(table: string, key: string): Scalar | undefined {
    return this.#current.document.get(table, key);
  }

  write(assignments: readonly Assignment[]): Promise<void> {
    return this.#lane.run(async () => {
      const { document } = this.#current;
      document.assign(neededIn(document, assignments));
      await document.flush();
    });
  }

  onChange(listener: (changed: readonly TableKey[]) => void): void {
    this.#events.onChange(listener);
  }

  /** Calls `listener` with this device's changes as soon as they are durable. Answers how to stop. */
  onLocalChange(listener: (changes: readonly NumberedChange[]) => void): () => void {
    return this.#events.onSaved(listener);
  }

  /** Takes in changes of other own devices; what is kept is durable when it resolves. */
  takeIn(changes: readonly NumberedChange[]): Promise<TakenIn> {
    return this.#lane.run(async () => {
      const groups = new Map<number, FieldChange[]>();
      let [refused, missing, outdated] = [0, false, false];
      for (const { generation, bytes } of changes) {
        const change = isGeneration(generation) ? parseFieldChange(bytes, this.#options.shape.tables) : undefined;
        if (change === undefined) refused += 1;
        else groups.set(generation, [...(groups.get(generation) ?? []), change]);
      }
      for (const [generation, group] of groups) {
        const taken = await this.#take(generation, group);
        refused += taken?.refused ?? 0;
        missing ||= taken?.missing ?? false;
        outdated ||= taken === undefined;
      }
      await this.#takeUp();
      return { refused, missing, outdated };
    });
  }

  /** Waits for running writes; later ones are refused. */
  close(): Promise<void> {
    this.#events.clear();
    return this.#lane.close();
  }

  /** Undefined for a generation that this device left. */
  async #take(generation: number, changes: readonly FieldChange[]): Promise<Taken | undefined> {
    if (generation > this.newest.generation) await this.#expect(generation);
    const target = [this.#current, this.#coming].find((numbered) => numbered?.generation === generation);
    const taken = target?.document.take(changes);
    await target?.document.flush();
    return taken;
  }

  /** From now on this generation is the one that is coming. */
  async #expect(generation: number): Promise<void> {
    const [current, before] = [this.#current.generation, this.#coming?.generation];
    await beginGeneration(this.#options, generation);
    await saveGenerations(this.#options, { current, former: before ?? current, coming: generation });
    this.#coming = await openNumbered(this.#options, this.#events, generation);
    if (before !== undefined) await this.#remove(before);
  }

  /** Takes up the coming generation when all of it is here, or when there is nothing to wait for. */
  async #takeUp(): Promise<void> {
    const { alone, shape } = this.#options;
    const [former, coming] = [this.#current, this.#coming];
    if (coming === undefined) return;
    if (!alone && !former.document.isPristine && !coming.document.history.isMoved) return;
    coming.document.assign(lackingIn(shape, coming.document, former.document));
    await coming.document.flush();
    await saveGenerations(this.#options, { current: coming.generation, former: former.generation });
    this.#current = coming;
    this.#coming = undefined;
    this.#events.changed([...keysOf(shape, former.document), ...keysOf(shape, coming.document)]);
    await this.#remove(former.generation);
  }

  async #remove(generation: number): Promise<void> {
    await this.#options.storage.removeDocument(this.#options.idOf(generation));
  }
}

async function openNumbered(
  { repo, storage, shape, idOf }: PersonalDocumentOptions,
  events: DocumentEvents,
  generation: number,
): Promise<Numbered> {
  const document = await RepoDocument.open({
    repo,
    storage,
    shape,
    id: idOf(generation),
    onTouched: (keys) => {
      events.changed(keys);
    },
    onSaved: (changes) => {
      events.saved(changes.map((bytes) => ({ generation, bytes })));
    },
  });
  return { generation, document };
}

function isGeneration(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_GENERATION;
}
