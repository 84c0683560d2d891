/** Ways to reach somebody: my invite link, theirs, or a handle. */
import type { ChatId } from '@securechat/sync/api';
import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import { copyText } from '$lib/state/clipboard.ts';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError, text } from '$lib/text/index.ts';

const COPIED_FOR = 2_500;

export class NewChat {
  link = $state<string>();
  copied = $state(false);
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

  async copyLink(): Promise<void> {
    if (this.link === undefined) return;
    this.copied = await copyText(this.#app, this.link, text.newChat.copied);
    setTimeout(() => (this.copied = false), COPIED_FOR);
  }

  async share(): Promise<void> {
    if (this.link === undefined) return;
    const name = this.#app.profile.current?.name ?? '';
    // Rejects when the person closes the sheet.
    await navigator
      .share({ title: text.common.appName, text: text.newChat.shareText(name), url: this.link })
      .catch(() => undefined);
  }

  openPasted(): Promise<void> {
    return this.#openInvite(this.pasted.trim(), (error) => (this.pasteError = error));
  }

  openScanned(value: string): Promise<void> {
    return this.#openInvite(value, (error) => {
      if (error !== undefined) this.#app.toasts.error(error);
    });
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

  async #openInvite(invite: string, setError: (error: string | undefined) => void): Promise<void> {
    const result = await this.#app.ask('readInvitation', { text: invite });
    setError(result && !result.ok ? describeError(result.error) : undefined);
    if (result?.ok) await goto(resolve(`/add#${fragmentOf(invite)}`));
  }
}

/** The part after `#` when it is a link, else the whole text. */
function fragmentOf(invite: string): string {
  const hash = invite.indexOf('#');
  return hash < 0 ? invite : invite.slice(hash + 1);
}
