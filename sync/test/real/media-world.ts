/** Two people with media between them, and a storage server that may lie to one of them. */
import { createWebStorageLink } from '../../src/adapters/web-storage-link.ts';
import { MEDIA_LIMITS, type MediaDraft, type MediaState, type MessageItem, type Sending } from '../../src/api.ts';
import type { Client } from '../../src/client.ts';
import type { BlobAnswer, StorageLink } from '../../src/ports/storage-link.ts';
import { befriend, must, until } from './asking.ts';
import { Profile } from './node-client.ts';
import { type Servers, startServers } from './storage-process.ts';
import type { Settings } from './server-process.ts';

/** What the server gives for a blob, given all of what it has for it. */
export type Lie = (bytes: Uint8Array, url: string) => Uint8Array;

/** A link on which what is fetched may be something else. */
export class LyingLink implements StorageLink {
  lie: Lie | undefined;
  readonly #honest = createWebStorageLink();
  /** URLs that were asked for, and from where. */
  readonly asked: { readonly url: string; readonly from: number }[] = [];

  async get(url: string, request: Parameters<StorageLink['get']>[1]): Promise<BlobAnswer> {
    this.asked.push({ url, from: request.from });
    if (this.lie === undefined) return this.#honest.get(url, request);
    const whole = await this.#honest.get(url, { from: 0, signal: request.signal });
    const bytes = this.lie(await collect(whole.body), url);
    const part = bytes.subarray(request.from, request.to);
    return { status: 206, total: bytes.length, from: request.from, body: once(part) };
  }

  remove(url: string, token: string): Promise<number> {
    return this.#honest.remove(url, token);
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

export async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part.slice());
  return new Uint8Array(Buffer.concat(parts));
}

interface People<T> {
  readonly ann: T;
  readonly bob: T;
}

export class MediaWorld {
  readonly servers: Servers;
  readonly profiles: People<Profile>;
  readonly link: LyingLink;
  ann: Client;
  bob: Client;
  chatId = '';
  #calls = 0;

  private constructor(servers: Servers, profiles: People<Profile>, clients: People<Client>, link: LyingLink) {
    this.servers = servers;
    this.profiles = profiles;
    this.ann = clients.ann;
    this.bob = clients.bob;
    this.link = link;
  }

  static async create(settings: Settings = {}): Promise<MediaWorld> {
    const servers = await startServers(settings);
    const [profiles, link] = [{ ann: new Profile(), bob: new Profile() }, new LyingLink()];
    const clients = { ann: await profiles.ann.open(), bob: await profiles.bob.open({ link }) };
    const world = new MediaWorld(servers, profiles, clients, link);
    for (const [name, client] of [
      ['Ann', world.ann],
      ['Bob', world.bob],
    ] as const)
      await must(client.call('createAccount', { name, relayUrl: servers.relay.url }));
    world.chatId = await befriend(world.ann, world.bob);
    return world;
  }

  /** With a clock that is `ahead` by so many milliseconds. */
  async reopenAnn(ahead = 0): Promise<void> {
    await this.ann.close();
    this.ann = await this.profiles.ann.open({ ahead });
  }

  async reopenBob(ahead = 0): Promise<void> {
    await this.bob.close();
    this.bob = await this.profiles.bob.open({ link: this.link, ahead });
  }

  async end(): Promise<void> {
    await Promise.all([this.ann.close(), this.bob.close()]);
    await Promise.all([this.servers.relay.destroy(), this.servers.storage.destroy()]);
  }

  /** A call id that was not used before. */
  nextId(): string {
    this.#calls += 1;
    return `call-${String(this.#calls)}`.padEnd(22, 'x');
  }

  /** Ann sends files; resolves when they are sealed. */
  async send(items: readonly MediaDraft[], rest: { caption?: string; viewOnce?: boolean } = {}): Promise<string> {
    const id = this.nextId();
    await must(this.ann.call('sendMedia', { id, chatId: this.chatId, items, ...rest }));
    return id;
  }

  /** Resolves when nothing of Ann's is under way. */
  async sent(): Promise<void> {
    await until(this.ann, 'sendings', {}, (all) => all.length === 0);
  }

  async sending(isWanted: (sending: Sending) => boolean): Promise<Sending> {
    const all = await until(this.ann, 'sendings', {}, ([first]) => first !== undefined && isWanted(first));
    const [first] = all;
    if (first === undefined) throw new Error('no sending');
    return first;
  }

  /** The newest message that somebody sees, once it is as wanted. */
  async message(client: Client, isWanted: (item: MessageItem) => boolean): Promise<MessageItem> {
    const query = { chatId: this.chatId, anchor: 'end', older: 50, newer: 0 } as const;
    const wanted = (items: readonly { readonly type: string }[]): MessageItem | undefined =>
      items.filter((item): item is MessageItem => item.type === 'message').findLast(isWanted);
    const page = await until(client, 'timeline', query, ({ items }) => wanted(items) !== undefined);
    const found = wanted(page.items);
    if (found === undefined) throw new Error('no message');
    return found;
  }

  async state(client: Client, recordId: string, isWanted: (state: MediaState) => boolean): Promise<MediaState> {
    const args = { chatId: this.chatId, recordId };
    const [state] = await until(client, 'media', args, ([first]) => first !== undefined && isWanted(first));
    if (state === undefined) throw new Error('no media');
    return state;
  }

  /** The whole file, in pieces as the app asks for it. */
  async file(client: Client, recordId: string, size: number, index = 0): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let from = 0; from < size; from += MEDIA_LIMITS.readBytes) {
      const range = { from, to: Math.min(size, from + MEDIA_LIMITS.readBytes) };
      const { bytes } = await must(client.call('mediaBytes', { chatId: this.chatId, recordId, index, ...range }));
      parts.push(bytes);
    }
    return new Uint8Array(Buffer.concat(parts));
  }

  /** Bytes of the blobs that the storage server has. */
  async blobs(): Promise<readonly string[]> {
    return (await this.servers.storage.files()).filter((file) => file.includes('content'));
  }
}
