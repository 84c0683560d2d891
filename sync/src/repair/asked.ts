/**
 * Who was asked for what is missing in a chat and has not answered. In memory only: after a restart everybody is asked anew.
 * An own device answers for itself; of another account any device may.
 */
import type { AccountId, ChatId, DeviceId } from '@securechat/crypto';

/** Whoever is there answers sooner. */
const PATIENCE = 60_000;

export interface Asked {
  readonly accountId: AccountId;
  /** Of an own device. */
  readonly deviceId?: DeviceId;
  /** When they were asked and did not answer any more. */
  readonly since: number;
  /** They did not answer in a minute: probably they are away. */
  readonly isOverdue: boolean;
}

export class AskedBook {
  readonly #asked = new Map<ChatId, Map<AccountId | DeviceId, Asked>>();

  in(chatId: ChatId): readonly Asked[] {
    return [...(this.#asked.get(chatId)?.values() ?? [])];
  }

  /** True when they were not waited for before. Asked again, they are waited for since the first time. */
  note(chatId: ChatId, who: Pick<Asked, 'accountId' | 'deviceId'>, now: number): boolean {
    const asked = this.#asked.get(chatId) ?? new Map<AccountId | DeviceId, Asked>();
    const key = who.deviceId ?? who.accountId;
    if (asked.has(key)) return false;
    this.#asked.set(chatId, asked.set(key, { ...who, since: now, isOverdue: false }));
    return true;
  }

  answered(chatId: ChatId, { deviceId, accountId }: Pick<Asked, 'accountId' | 'deviceId'>): void {
    this.#asked.get(chatId)?.delete(deviceId ?? accountId);
  }

  /** Nothing is missing in the chat any more. */
  end(chatId: ChatId): void {
    this.#asked.delete(chatId);
  }

  /** Chats in which somebody became overdue since this was last asked. */
  lookForOverdue(now: number): readonly ChatId[] {
    return [...this.#asked].flatMap(([chatId, asked]) => {
      // A moment in the future is a clock that was put back.
      const late = [...asked].filter(([, one]) => !one.isOverdue && Math.abs(now - one.since) >= PATIENCE);
      for (const [key, one] of late) asked.set(key, { ...one, isOverdue: true });
      return late.length > 0 ? [chatId] : [];
    });
  }
}
