/** A group that is being made: who is to be in it, what it is called, and its picture. */
import { type AccountId, type Avatar, type ChatId, type ClientError, NAME_LIMIT } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError } from '$lib/text/index.ts';

export class NewGroup {
  name = $state('');
  description = $state('');
  avatar = $state.raw<Avatar>();
  chosen = $state.raw<readonly AccountId[]>([]);
  isBusy = $state(false);
  nameError = $state<string>();
  formError = $state<string>();
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  /** Answers the new group's chat. */
  async create(): Promise<ChatId | undefined> {
    const name = this.name.trim();
    this.nameError = name === '' ? describeError({ type: 'NameEmpty' }) : undefined;
    this.formError = undefined;
    if (this.isBusy || this.nameError !== undefined) return undefined;
    this.isBusy = true;
    const description = this.description.trim();
    const result = await this.#app.ask('createGroup', {
      ...{ name, members: this.chosen },
      ...(description !== '' && { description }),
    });
    this.isBusy = false;
    if (result && !result.ok) this.#show(result.error);
    if (!result?.ok) return undefined;
    const { chatId } = result.value;
    // The group is there; without its picture it is one all the same.
    if (this.avatar) await this.#app.run('setGroupInfo', { chatId, avatar: this.avatar });
    return chatId;
  }

  #show(error: ClientError): void {
    const isName = error.type === 'NameEmpty' || (error.type === 'TooLong' && error.limit === NAME_LIMIT);
    if (isName) this.nameError = describeError(error);
    else this.formError = describeError(error);
  }
}
