/**
 * Coming into a group by its link. The joiner asks the account that made the link; any device of that account writes the
 * act that adds them, or, when the link wants approval, the one that says that they wait. Both sides keep what they are at
 * in rows, so that a crash in between repeats it. Who may let in whom is the fold's to say.
 */
import type { AccountId, ChatId, Public } from '@securechat/crypto';
import type { JoinState } from '../api.ts';
import type { Batch } from '../batch.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Part } from '../payload/payload.ts';
import { storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import type { InviteProof } from '../records/index.ts';
import { pack, unpack } from '../values.ts';
import type { GroupBook } from './group-book.ts';

/** A group that this account asked to join. */
export interface Join {
  readonly groupId: ChatId;
  readonly inviter: AccountId;
  readonly name: string;
  readonly state: JoinState;
}

/** Somebody who asked this account to be let in. */
export interface Comer {
  readonly groupId: ChatId;
  readonly accountId: AccountId;
  readonly via: InviteProof;
}

interface LinkRow {
  readonly groupId: ChatId;
  readonly key: string;
  readonly secret: string;
}

/** Joins that are waited for; comers whose act is not written yet. Beyond it a further one is refused. */
const MOST_JOINS = 64;
const MOST_COMERS = 256;

export interface JoiningOptions {
  readonly store: Store;
  readonly book: GroupBook;
  readonly outbox: Outbox;
  /** After the commit: what this account waits for looks different. */
  readonly changed: () => void;
  /** After the commit: somebody is to be let in. */
  readonly came: () => void;
}

export class Joining {
  readonly #options: JoiningOptions;
  readonly #joins = new Map<ChatId, Join>();
  readonly #comers = new Map<string, Comer>();
  /** By the invite's public key, base64url. */
  readonly #links = new Map<string, string>();

  constructor(options: JoiningOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    for (const { value } of await this.#options.store.range('meta', JOIN_ROWS)) {
      const join = unpack<Join>(value);
      this.#joins.set(join.groupId, join);
    }
    for (const { value } of await this.#options.store.range('meta', COMER_ROWS)) {
      const comer = unpack<Comer>(value);
      this.#comers.set(keyOf(comer), comer);
    }
    for (const { value } of await this.#options.store.range('meta', LINK_ROWS)) {
      const { key, secret } = unpack<LinkRow>(value);
      this.#links.set(key, secret);
    }
  }

  get joins(): readonly Join[] {
    return [...this.#joins.values()];
  }

  get comers(): readonly Comer[] {
    return [...this.#comers.values()];
  }

  /** Whether this account asked that one to be let into the group. */
  awaits(groupId: ChatId, accountId: AccountId): boolean {
    return this.#joins.get(groupId)?.inviter === accountId;
  }

  /** Whether this account asked that one to be let into any group. */
  isAsked(accountId: AccountId): boolean {
    return this.joins.some(({ inviter }) => inviter === accountId);
  }

  /** Asks the account that made a link. False: too many are waited for. Lane job's part. */
  ask(
    batch: Batch,
    join: Omit<Join, 'state'>,
    proof: { readonly invite: Public<'Invite'>; readonly proof: Uint8Array },
  ): boolean {
    const { outbox } = this.#options;
    const { groupId, inviter } = join;
    if (this.#joins.size >= MOST_JOINS && !this.#joins.has(groupId)) return false;
    this.#put(batch, { ...join, state: 'asked' });
    const parts: Part[] = [{ type: 'join', chatId: groupId, ...proof }];
    outbox.add(batch, { accountId: inviter, parts });
    return true;
  }

  /** The joiner is in, or does not want to any more. */
  end(batch: Batch, groupId: ChatId): void {
    const before = this.#joins.get(groupId);
    if (before === undefined) return;
    batch.delete('meta', storeKey('join', groupId));
    batch.then(() => {
      this.#joins.delete(groupId);
      this.#options.changed();
    });
  }

  /** Keeps the secret of a link that was made here, so that it can be shown again. */
  keepLink(batch: Batch, groupId: ChatId, key: string, secret: string): void {
    batch.put('meta', storeKey('invite', groupId, key), pack({ groupId, key, secret } satisfies LinkRow));
    batch.then(() => this.#links.set(key, secret));
  }

  /** The secret of a link that was made on this device. */
  linkOf(key: string): string | undefined {
    return this.#links.get(key);
  }

  /** Somebody asks to be let in. Lane job's part. */
  takeComer(part: Extract<Part, { type: 'join' }>, accountId: AccountId, batch: Batch): void {
    const { book, outbox, came } = this.#options;
    const { chatId: groupId, invite, proof } = part;
    if (book.get(groupId) === undefined || this.#comers.size >= MOST_COMERS) {
      outbox.add(batch, { accountId, parts: [{ type: 'joinAnswer', chatId: groupId, answer: 'refused' }] });
      return;
    }
    const comer: Comer = { groupId, accountId, via: { invite, proof } };
    batch.put('meta', storeKey('comer', groupId, accountId), pack(comer));
    batch.then(() => {
      this.#comers.set(keyOf(comer), comer);
      came();
    });
  }

  /** What became of a comer; they are told unless they are in, which they hear as any new member does. */
  settle(batch: Batch, comer: Comer, outcome: 'added' | 'waits' | 'refused'): void {
    const { groupId, accountId } = comer;
    batch.delete('meta', storeKey('comer', groupId, accountId));
    batch.then(() => this.#comers.delete(keyOf(comer)));
    if (outcome === 'added') return;
    const parts: Part[] = [{ type: 'joinAnswer', chatId: groupId, answer: outcome }];
    this.#options.outbox.add(batch, { accountId, parts });
  }

  /** What whoever was asked says. Lane job's part. */
  takeAnswer(part: Extract<Part, { type: 'joinAnswer' }>, accountId: AccountId, batch: Batch): void {
    const join = this.#joins.get(part.chatId);
    if (join?.inviter === accountId) this.#put(batch, { ...join, state: part.answer });
  }

  #put(batch: Batch, join: Join): void {
    batch.put('meta', storeKey('join', join.groupId), pack(join));
    batch.then(() => {
      this.#joins.set(join.groupId, join);
      this.#options.changed();
    });
  }
}

function keyOf({ groupId, accountId }: Comer): string {
  return `${groupId}:${accountId}`;
}

const JOIN_ROWS = { from: 'join:', to: 'join;' };
const LINK_ROWS = { from: 'invite:', to: 'invite;' };
const COMER_ROWS = { from: 'comer:', to: 'comer;' };
