import type { MessageItem, RecordId } from '@securechat/sync/api';

/** What a message can ask its list to do. */
export interface MessageActions {
  reply(message: MessageItem): void;
  pickReaction(message: MessageItem): void;
  react(message: MessageItem, emoji: string): void;
  openMenu(message: MessageItem): void;
  jumpTo(id: RecordId): void;
  /** Shows the status that it answers. */
  openStatus(message: MessageItem): void;
  retry(message: MessageItem): void;
  vote(message: MessageItem, choices: readonly number[]): void;
  showVotes(message: MessageItem): void;
}
