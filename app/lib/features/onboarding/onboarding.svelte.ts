/** The form that makes an account. */
import { NAME_LIMIT, type Avatar, type ClientError } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError } from '$lib/text/index.ts';
import type { NewDevice } from './new-device.svelte.ts';

export class Onboarding {
  name = $state('');
  avatar = $state.raw<Avatar>();
  isBusy = $state(false);
  /** Who sent the invite link that led here, by its own word. */
  invitedBy = $state<string>();
  readonly device: NewDevice;
  #tried = $state(false);
  #error = $state.raw<ClientError>();
  readonly #app: App;

  constructor(app: App, device: NewDevice) {
    this.#app = app;
    this.device = device;
  }

  readonly nameError = $derived.by(() => {
    if (this.#error?.type === 'NameEmpty' || (this.#tried && this.name.trim() === ''))
      return describeError({ type: 'NameEmpty' });
    return this.name.length > NAME_LIMIT ? describeError({ type: 'TooLong', limit: NAME_LIMIT }) : undefined;
  });
  readonly formError = $derived(
    this.#error && this.#error.type !== 'NameEmpty' ? describeError(this.#error) : undefined,
  );

  /** Reads an invite link in the address, to greet by name. Fails in silence: the add screen says what is wrong. */
  async readInvite(link: string): Promise<void> {
    const result = await this.#app.api.call('readInvitation', { text: link }).catch(() => undefined);
    if (result?.ok) this.invitedBy = result.value.name;
  }

  async start(): Promise<void> {
    this.#tried = true;
    this.#error = undefined;
    const isReady = this.device.check();
    if (this.nameError !== undefined || !isReady) return;
    this.isBusy = true;
    const result = await this.#app.ask('createAccount', {
      ...this.device.input,
      name: this.name.trim(),
      ...(this.avatar ? { avatar: this.avatar } : {}),
    });
    this.isBusy = false;
    // A second call after the leading tab died finds the account that the first one made.
    if (result && !result.ok && result.error.type !== 'AlreadyExists') this.#error = result.error;
  }
}
