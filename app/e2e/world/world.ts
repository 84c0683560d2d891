/** The world of one test file: the relay with the web app, and the people. All of it is stopped and deleted at the end. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Person, type PersonOptions } from './person.ts';
import { RelayProcess } from '../../../sync/test/real/relay-process.ts';
import { StorageProcess } from '../../../sync/test/real/storage-process.ts';
import { befriend } from './befriend.ts';
import { ROOT } from './root.ts';
import type { Line } from './line.ts';
import { openSlowLine } from './slow-line.ts';
import { webApp } from './web-app.ts';

export { befriend };

/** Of what a screen says when a test failed, in characters. */
const MOST_SAID = 300;

declare module 'vitest' {
  interface TaskMeta {
    /** What the screens said when the test failed; `npm test` prints it at its end. */
    screens?: string[];
  }
}

export interface WorldOptions {
  /** With a storage server. */
  readonly media?: boolean;
  /** Bytes a second that all browsers together bring up to it. */
  readonly uplink?: number;
}

export class World {
  readonly relay: RelayProcess;
  /** Only in a world with media. */
  readonly #storage: StorageProcess | undefined;
  readonly #line: Line | undefined;
  readonly people: Person[] = [];

  private constructor(relay: RelayProcess, storage?: StorageProcess, line?: Line) {
    this.relay = relay;
    this.#storage = storage;
    this.#line = line;
  }

  static async open({ media = false, uplink }: WorldOptions = {}): Promise<World> {
    const app = { SECURECHAT_WEB_ROOT: await webApp() };
    const storage = media ? await StorageProcess.create() : undefined;
    const line = storage && uplink !== undefined ? await openSlowLine(storage.url, uplink) : undefined;
    const settings = { ...app, ...storage?.forRelay, ...(line && { SECURECHAT_STORAGE_URL: line.url }) };
    return new World(await RelayProcess.create(settings), storage, line);
  }

  get storage(): StorageProcess {
    if (this.#storage === undefined) throw new Error('there is no storage server in this world');
    return this.#storage;
  }

  /** A new profile in a browser of its own; nothing is open yet. */
  async arrive(name: string, options: PersonOptions = {}): Promise<Person> {
    const person = await Person.create(name, this.relay.url, options);
    this.people.push(person);
    return person;
  }

  /** People who have an account. */
  async residents<const N extends readonly string[]>(...names: N): Promise<{ [K in keyof N]: Person }> {
    const arrived = await Promise.all(names.map((name) => this.arrive(name)));
    await Promise.all(arrived.map((person) => person.onboard()));
    return arrived as { [K in keyof N]: Person };
  }

  /** Two people who have accepted each other and look at their chat. */
  async friends(first: string, second: string): Promise<[Person, Person]> {
    const [ann, bob] = await this.residents(first, second);
    await befriend(ann, bob);
    return [ann, bob];
  }

  async close(): Promise<void> {
    await Promise.all(this.people.map((person) => person.destroy()));
    await this.relay.destroy();
    await this.#line?.close();
    await this.#storage?.destroy();
  }

  /** Pictures of a failed test, in `test-results/`; answers what the screens say, a line each. */
  async report(test: string): Promise<string[]> {
    const folder = path.join(ROOT, 'test-results', test.replace(/[^\w]+/g, '-').slice(0, 80));
    await mkdir(folder, { recursive: true });
    const said: string[] = [];
    for (const { name, context } of this.people) {
      for (const [i, page] of context.pages().entries()) {
        await page.screenshot({ path: path.join(folder, `${name}-${String(i)}.png`) }).catch(() => undefined);
        const words = await page.innerText('body', { timeout: 5000 }).catch(String);
        said.push(`${name} at ${page.url()}: ${words.replace(/\s+/g, ' ').slice(0, MOST_SAID)}`);
      }
    }
    return said;
  }
}

/**
 * A world for the tests of a file; to be called outside of them. A failed test leaves its pictures, and a test fails when
 * anything went wrong unseen in anybody's browser.
 */
export function useWorld(options: WorldOptions = {}): () => World {
  let world: World | undefined;
  const get = (): World => {
    if (world === undefined) throw new Error('the world is not open yet');
    return world;
  };
  beforeAll(async () => {
    world = await World.open(options);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') task.meta.screens = (await world?.report(task.name)) ?? [];
    for (const { name, faults } of world?.people ?? []) expect(faults.take(), name).toEqual([]);
  });
  afterAll(async () => {
    await world?.close();
  });
  return get;
}
