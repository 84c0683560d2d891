/** Ways to reach somebody: my invite link, theirs, or a handle. */
import type { ChatId } from '@securechat/sync/api';
import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError } from '$lib/text/index.ts';

export class NewChat {
  link = $state<string>();
  pasted = $state('');
  pasteError = $state<string>();
  handle = $state('');
  handleError = $state<string>();
  isFinding = $state(false);
  readonly #app: App;
  readonly #origin: string;

  constructor(app: App, origin: string) {
    this.#app = app;
    this.#origin = origin;
  }

  async makeLink(): Promise<void> {
    const result = await this.#app.ask('invite', { origin: this.#origin });
    if (result?.ok) this.link = result.value.link;
    else if (result) this.#app.toasts.error(describeError(result.error));
  }

  openPasted(): Promise<void> {
    this.pasteError = undefined;
    return this.#openInvite(this.pasted.trim(), (error) => (this.pasteError = error));
  }

  openScanned(value: string): Promise<void> {
    return this.#openInvite(value, (error) => this.#app.toasts.error(error));
  }

  /** Answers the chat of the account behind the handle. */
  async addHandle(): Promise<ChatId | undefined> {
    this.handleError = undefined;
    this.isFinding = true;
    const result = await this.#app.ask('addByHandle', { handle: this.handle.trim().replace(/^@/, '').toLowerCase() });
    this.isFinding = false;
    if (result && !result.ok) this.handleError = describeError(result.error);
    return result?.ok ? result.value.chatId : undefined;
  }

  /** Leads to the person, or to the group, that the invite is of. */
  async #openInvite(invite: string, setError: (error: string) => void): Promise<void> {
    const person = await this.#app.ask('readInvitation', { text: invite });
    if (person?.ok) return goto(resolve(`/add#${fragmentOf(invite)}`));
    const group = await this.#app.ask('readGroupInvitation', { text: invite });
    if (group?.ok) return goto(resolve(`/join#${fragmentOf(invite)}`));
    if (group) setError(describeError(group.error));
  }
}

/** The part after `#` when it is a link, else the whole text. */
function fragmentOf(invite: string): string {
  const hash = invite.indexOf('#');
  return hash < 0 ? invite : invite.slice(hash + 1);
}
