/**
 * What a modified client can make: changes with any field forged, handed to a contact over the attacker's real sessions.
 * The attacker's engine is the real one; it only says what no honest engine would.
 */
import {
  type AccountId,
  type AuthorKey,
  type ChatId,
  type Public,
  chatSecretOfGroup,
  concat,
  directChatSecret,
} from '@securechat/crypto';
import { authorText } from '../../src/chats/chat-book.ts';
import { authorParts } from '../../src/chats/composer.ts';
import { GENESIS_HASH, GENESIS_OPS } from '../../src/documents/change/genesis.ts';
import { makeChange } from '../../src/documents/change/change.ts';
import { bucketOf } from '../../src/documents/guard/guard.ts';
import { makePlace } from '../../src/documents/segment/place.ts';
import type { DocumentChange, Part } from '../../src/payload/payload.ts';
import { type ActId, makeActId } from '../../src/records/act-id.ts';
import type { RecordBody } from '../../src/records/body.ts';
import { toHex } from '../../src/records/hex.ts';
import type { Hlc } from '../../src/records/hlc.ts';
import { makeActor, signHome } from '../../src/records/home.ts';
import { makeRecordId } from '../../src/records/record-id.ts';
import { encodeContent } from '../../src/records/record.ts';
import type { SimulatedDevice } from './device.ts';

/** Everything that can be forged; what is left out is as an honest client makes it. */
export interface Forged {
  readonly author?: AuthorKey;
  readonly signer?: AuthorKey;
  /** Whose actor id the change claims. */
  readonly actorOf?: Uint8Array;
  readonly session?: Uint8Array;
  readonly seq?: number;
  readonly startOp?: number;
  readonly deps?: readonly string[];
  readonly n?: number;
  readonly time?: Hlc;
  readonly body?: RecordBody;
  readonly key?: string;
  /** Zeros for a signature: quick to make in masses. */
  readonly unsigned?: boolean;
}

/** An attacker's hands: makes changes of one chat and sends them. */
export class Forger {
  readonly chatId: ChatId;
  readonly author: AuthorKey;
  readonly #device: Pick<SimulatedDevice, 'engine'>;

  /** The attacker must have written in the chat before: then its author key is vouched for. */
  constructor(device: Pick<SimulatedDevice, 'engine'>, chatId: string) {
    this.#device = device;
    this.chatId = chatId as ChatId;
    const author = this.#chat.author;
    if (author === undefined) throw new Error('the attacker has not written yet');
    this.author = author;
  }

  /** In a group: an attacker that has written nothing gets its author key first. */
  static async inGroup(device: Pick<SimulatedDevice, 'engine'>, chatId: string): Promise<Forger> {
    const chat = device.engine?.chats.get(chatId as ChatId);
    if (chat !== undefined)
      await device.engine?.job((batch) => {
        device.engine?.chats.author(batch, chat);
        device.engine?.chats.save(batch, chat);
      });
    return new Forger(device, chatId);
  }

  /** The attacker's next number, which its own engine then leaves out. */
  async takeNumber(): Promise<number> {
    const engine = this.#engine;
    return engine.job((batch) => {
      const n = engine.chats.nextN(this.#chat);
      engine.chats.save(batch, this.#chat);
      return n;
    });
  }

  /** The name of the act in {@link change} of the same; numbers and times must be given. */
  actId(forged: Forged): ActId {
    return makeActId(this.#content(forged).content);
  }

  change(forged: Forged = {}): DocumentChange {
    const { author = this.author, seq = 1, deps = [GENESIS_HASH] } = forged;
    const { documentId } = makePlace(this.chatId, this.#secret, 0);
    const actor = makeActor(forged.actorOf ?? author.publicKey, documentId, forged.session ?? new Uint8Array(6));
    const { content, time } = this.#content(forged);
    const key = forged.key ?? makeRecordId(time, content);
    const home = { documentId, actor, seq, deps };
    const signature = forged.unsigned ? new Uint8Array(64) : signHome(forged.signer ?? author, content, home);
    const { bytes } = makeChange({
      ...{ actor: toHex(actor), seq, deps, key },
      startOp: forged.startOp ?? GENESIS_OPS + 1,
      bucket: bucketOf(key),
      value: concat(content, signature),
    });
    return { segment: 0, generation: 0, bytes };
  }

  /** Sends changes as the engine sends its own, in envelopes of at most `perEnvelope`. */
  async send(changes: readonly DocumentChange[], perEnvelope = 400): Promise<void> {
    const { chatId } = this;
    for (let from = 0; from < changes.length; from += perEnvelope) {
      await this.say([{ type: 'changes', chatId, of: 'push', changes: changes.slice(from, from + perEnvelope) }]);
    }
  }

  /** Sends changes of a group to some of its members, with who wrote them. */
  async sendTo(accounts: readonly AccountId[], changes: readonly DocumentChange[]): Promise<void> {
    const engine = this.#engine;
    const { chatId } = this;
    const introduction = authorParts(this.#chat, [authorText(this.author)]);
    const parts: Part[] = [...introduction, { type: 'changes', chatId, of: 'push', changes }];
    await engine.job((batch) => {
      for (const accountId of accounts) engine.outbox.add(batch, { accountId, parts });
    });
    engine.kick();
  }

  /** Sends any parts. */
  async say(parts: readonly Part[]): Promise<void> {
    const engine = this.#engine;
    await engine.job((batch) => {
      engine.outbox.add(batch, { accountId: this.#peer.accountId, parts });
    });
    engine.kick();
  }

  #content(forged: Forged): { readonly content: Uint8Array; readonly time: Hlc } {
    const { publicKey: author } = forged.author ?? this.author;
    const time = forged.time ?? { ms: this.#engine.clock.now(), counter: 0 };
    const body = forged.body ?? { kind: 'message', text: 'attack' };
    const { chatId } = this;
    return { content: encodeContent({ chatId, author, n: forged.n ?? this.#chat.nextN, time, body }), time };
  }

  get #engine(): NonNullable<SimulatedDevice['engine']> {
    const { engine } = this.#device;
    if (engine === undefined) throw new Error('the attacker is not open');
    return engine;
  }

  get #chat(): NonNullable<ReturnType<NonNullable<SimulatedDevice['engine']>['chats']['get']>> {
    const chat = this.#engine.chats.get(this.chatId);
    if (chat === undefined) throw new Error('no such chat');
    return chat;
  }

  get #peer(): { readonly accountId: AccountId; readonly peerKey: Public<'Account'> } {
    const { with: other } = this.#chat;
    if (other.type !== 'contact') throw new Error('not a chat with a contact');
    return { accountId: other.peer, peerKey: other.peerKey };
  }

  get #secret(): Uint8Array {
    const { with: other } = this.#chat;
    if (other.type === 'group') return chatSecretOfGroup(other.secret);
    return directChatSecret(this.#engine.self.identity.account, this.#peer.peerKey);
  }
}
