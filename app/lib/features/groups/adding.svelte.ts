/** Adding contacts to a group: whom, and what of the earlier messages they get. */
import type { AccountId, ChatId } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { type HistoryChoice, text } from '$lib/text/index.ts';

const DAY = 24 * 3600_000;
const DAYS = { week: 7, month: 30, quarter: 90 } as const;

export class Adding {
  isOpen = $state(false);
  chosen = $state.raw<readonly AccountId[]>([]);
  history = $state<HistoryChoice>('all');
  isBusy = $state(false);
  readonly #app: App;
  readonly #chatId: ChatId;

  constructor(app: App, chatId: ChatId) {
    this.#app = app;
    this.#chatId = chatId;
  }

  /** Opens the question, for somebody in particular or with nobody chosen. */
  start(chosen: readonly AccountId[] = []): void {
    this.chosen = chosen;
    this.history = 'all';
    this.isOpen = true;
  }

  cancel(): void {
    this.isOpen = false;
  }

  async add(): Promise<void> {
    const { chosen: members } = this;
    if (members.length === 0 || this.isBusy) return;
    this.isBusy = true;
    const isDone = await this.#app.run('addMembers', { chatId: this.#chatId, members, ...this.#grant() });
    this.isBusy = false;
    if (!isDone) return;
    this.isOpen = false;
    this.#app.toasts.info(text.group.added(members.length));
  }

  #grant(): { readonly history: boolean; readonly since?: number } {
    const { history } = this;
    if (history === 'none' || history === 'all') return { history: history === 'all' };
    return { history: true, since: Date.now() - DAYS[history] * DAY };
  }
}
