/** The form that makes an account. */
import { MIN_PASSPHRASE, NAME_LIMIT, type Avatar, type ClientError } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError, text } from '$lib/text/index.ts';

export class Onboarding {
  name = $state('');
  avatar = $state.raw<Avatar>();
  isLocked = $state(false);
  passphrase = $state('');
  again = $state('');
  relayUrl = $state('');
  isBusy = $state(false);
  /** Who sent the invite link that led here, by its own word. */
  invitedBy = $state<string>();
  #tried = $state(false);
  #error = $state.raw<ClientError>();
  readonly #app: App;

  constructor(app: App, origin: string) {
    this.#app = app;
    this.relayUrl = origin;
  }

  readonly nameError = $derived.by(() => {
    if (this.#error?.type === 'NameEmpty' || (this.#tried && this.name.trim() === ''))
      return describeError({ type: 'NameEmpty' });
    return this.name.length > NAME_LIMIT ? describeError({ type: 'TooLong', limit: NAME_LIMIT }) : undefined;
  });
  readonly passphraseError = $derived.by(() => {
    if (!this.#tried || !this.isLocked) return undefined;
    return this.passphrase.length < MIN_PASSPHRASE
      ? describeError({ type: 'PassphraseTooShort', minimum: MIN_PASSPHRASE })
      : undefined;
  });
  readonly againError = $derived(
    this.#tried && this.isLocked && this.again !== this.passphrase ? text.onboarding.passphraseDiffers : undefined,
  );
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
    if (this.nameError ?? this.passphraseError ?? this.againError) return;
    this.isBusy = true;
    const result = await this.#app.ask('createAccount', {
      name: this.name.trim(),
      relayUrl: this.relayUrl.trim(),
      ...(this.avatar ? { avatar: this.avatar } : {}),
      ...(this.isLocked ? { passphrase: this.passphrase } : {}),
    });
    this.isBusy = false;
    // A second call after the leading tab died finds the account that the first one made.
    if (result && !result.ok && result.error.type !== 'AlreadyExists') this.#error = result.error;
  }
}
