/** Coming into one group by its link: asking, what became of it, and the group when it is there. */
import type { ChatId, ClientError, GroupInvitation, PendingJoin } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { liveWatch } from '$lib/state/live.ts';
import { describeError } from '$lib/text/index.ts';

export class JoinGroup {
  /** Undefined while the link is being read. */
  invitation = $state.raw<GroupInvitation>();
  error = $state.raw<ClientError>();
  isBusy = $state(false);
  readonly #app: App;
  readonly #link: string;
  readonly #joins;

  constructor(app: App, link: string) {
    this.#app = app;
    this.#link = link;
    this.#joins = liveWatch(app.api, 'joins', null);
  }

  /** What was asked before, here or on a former visit. */
  get pending(): PendingJoin | undefined {
    return this.#joins.current?.find(({ chatId }) => chatId === this.invitation?.chatId);
  }

  /** Reads the link, and says when this account has come into the group. Returns the stop function. */
  follow(onArrival: (chatId: ChatId) => void): () => void {
    void this.#read();
    return this.#app.api.watch('chats', null, (chats) => {
      if (!this.invitation || this.invitation.known) return;
      const { chatId } = this.invitation;
      if (chats.some((chat) => chat.chatId === chatId && chat.group?.role !== undefined)) onArrival(chatId);
    });
  }

  async ask(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    const result = await this.#app.ask('joinGroup', { text: this.#link });
    this.isBusy = false;
    // Already in: the group's chat is there, or about to be.
    if (result && !result.ok && result.error.type !== 'AlreadyExists')
      this.#app.toasts.error(describeError(result.error));
  }

  async cancel(): Promise<void> {
    const { pending } = this;
    if (pending) await this.#app.run('cancelJoin', { chatId: pending.chatId });
  }

  async #read(): Promise<void> {
    const result = await this.#app.ask('readGroupInvitation', { text: this.#link });
    if (result?.ok) this.invitation = result.value;
    else if (result) this.error = result.error;
  }
}
