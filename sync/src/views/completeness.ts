/** What a chat lacks as far as this device can tell, and who was asked for it, in the user's words for them. */
import type { DeviceId } from '@securechat/crypto';
import type { AskedFor, Completeness } from '../api.ts';
import { type Chat, type ChatBook, rootChatId } from '../chats/chat-book.ts';
import type { People } from '../contacts/people.ts';
import type { PersonalDocuments } from '../documents/index.ts';
import type { Asked } from '../repair/asked.ts';

/** Of whom a screen tells at most; members beyond are asked in turn anyway. */
const SHOWN = 16;

export interface CompletenessOptions {
  readonly chats: Pick<ChatBook, 'get'>;
  readonly people: Pick<People, 'nameOf'>;
  readonly personal: Pick<PersonalDocuments, 'devices'>;
  /** Own devices that are still linked. */
  readonly siblings: () => readonly DeviceId[];
  readonly askedIn: (chat: Chat) => readonly Asked[];
}

export class CompletenessView {
  readonly #options: CompletenessOptions;

  constructor(options: CompletenessOptions) {
    this.#options = options;
  }

  of(chat: Chat): Completeness {
    const parts = this.#partsOf(chat);
    const missing = parts.reduce((sum, part) => sum + missingIn(part), 0);
    const asked = distinct(parts.flatMap((part) => this.#options.askedIn(part)));
    const told = (isOverdue: boolean): readonly AskedFor[] =>
      asked
        .filter((one) => one.isOverdue === isOverdue)
        .flatMap((one) => this.#told(chat, one) ?? [])
        .slice(0, SHOWN);
    return { missing, asking: told(false), waiting: told(true) };
  }

  /** What is said in a group cannot be shown without the acts. */
  #partsOf(chat: Chat): readonly Chat[] {
    const root = chat.with.type === 'group' ? this.#options.chats.get(rootChatId(chat.with.groupId)) : undefined;
    return root === undefined || root === chat ? [chat] : [chat, root];
  }

  #told(chat: Chat, { accountId, deviceId, since }: Asked): AskedFor | undefined {
    const { people, personal, siblings } = this.#options;
    if (deviceId === undefined) {
      const of = chat.with.type === 'group' ? 'member' : 'contact';
      return { name: people.nameOf(accountId), of, since };
    }
    if (!siblings().includes(deviceId)) return undefined;
    return { name: personal.devices.get().get(deviceId)?.name ?? '', of: 'device', since };
  }
}

/** An own device may have more than is known to be missing here. */
function missingIn({ missing, filling, records }: Chat): number {
  return Math.max(missing, (filling ?? records) - records);
}

/** Each once, those first who were asked first. */
function distinct(asked: readonly Asked[]): readonly Asked[] {
  const sorted = [...asked].sort((a, b) => a.since - b.since);
  return [...new Map(sorted.toReversed().map((one) => [one.deviceId ?? one.accountId, one])).values()].reverse();
}

export const COMPLETE: Completeness = { missing: 0, asking: [], waiting: [] };
