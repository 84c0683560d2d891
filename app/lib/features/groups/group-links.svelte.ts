/** The links of a group, and those who came by one and wait: making, showing, ending, letting in. */
import type { AccountId, ChatId, GroupInvite, GroupRequest } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError, text } from '$lib/text/index.ts';

const DAY = 86_400_000;
const LASTS = { day: DAY, week: 7 * DAY, never: undefined };

export type Way = keyof typeof text.groupLinks.ways;
export type Ends = keyof typeof LASTS;

export class GroupLinks {
  /** The dialog that makes a link, and then shows it. */
  isOpen = $state(false);
  way = $state<Way>('atOnce');
  ends = $state<Ends>('week');
  /** What is shown. */
  link = $state<string>();
  /** The link whose end is asked about. */
  ending = $state.raw<GroupInvite>();
  isBusy = $state(false);
  /** Who is being answered. */
  answering = $state<AccountId>();
  readonly #app: App;
  readonly #chatId: ChatId;
  readonly #origin: string;

  constructor(app: App, chatId: ChatId, origin: string) {
    this.#app = app;
    this.#chatId = chatId;
    this.#origin = origin;
  }

  start(): void {
    this.link = undefined;
    this.isOpen = true;
  }

  async make(now: number): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    const lasts = LASTS[this.ends];
    const result = await this.#app.ask('createGroupInvite', {
      ...{ chatId: this.#chatId, origin: this.#origin, approval: this.way === 'asked' },
      ...(lasts !== undefined && { expiresAt: now + lasts }),
    });
    this.isBusy = false;
    if (result?.ok) this.link = result.value.link;
    else if (result) this.#app.toasts.error(describeError(result.error));
  }

  /** Shows a link again that was made on this device. */
  async show(key: string): Promise<void> {
    const result = await this.#app.ask('showGroupInvite', { chatId: this.#chatId, key, origin: this.#origin });
    if (result && !result.ok) this.#app.toasts.error(describeError(result.error));
    if (!result?.ok) return;
    this.link = result.value.link;
    this.isOpen = true;
  }

  askToEnd(invite: GroupInvite): void {
    this.ending = invite;
  }

  cancelEnding(): void {
    this.ending = undefined;
  }

  async end(): Promise<void> {
    const { ending } = this;
    if (!ending || this.isBusy) return;
    this.isBusy = true;
    const isDone = await this.#app.run('revokeGroupInvite', { chatId: this.#chatId, key: ending.key });
    this.isBusy = false;
    this.ending = undefined;
    if (isDone) this.#app.toasts.info(text.groupLinks.ended);
  }

  /** True when it was done. */
  async answer({ accountId, name }: GroupRequest, accept: boolean): Promise<boolean> {
    if (this.answering !== undefined) return false;
    this.answering = accountId;
    const isDone = await this.#app.run('answerRequest', { chatId: this.#chatId, accountId, accept });
    this.answering = undefined;
    if (isDone && accept) this.#app.toasts.info(text.joinRequests.isIn(name));
    return isDone;
  }
}
