/** What this device is called, how it is protected and where its relay is: asked whichever way an account comes to it. */
import { NAME_LIMIT } from '@securechat/sync/api';
import { describeError } from '$lib/text/index.ts';
import { LockChoice } from './lock-choice.svelte.ts';

export class NewDevice {
  name = $state('');
  relayUrl = $state('');
  readonly lock = new LockChoice();
  #tried = $state(false);

  constructor({ name, relayUrl }: { name: string; relayUrl: string }) {
    this.name = name;
    this.relayUrl = relayUrl;
  }

  readonly nameError = $derived.by(() => {
    if (this.name.length > NAME_LIMIT) return describeError({ type: 'TooLong', limit: NAME_LIMIT });
    return this.#tried && this.name.trim() === '' ? describeError({ type: 'NameEmpty' }) : undefined;
  });

  /** Whether all of it can be used; from now on what is wrong is shown. */
  check(): boolean {
    this.#tried = true;
    return this.lock.check() && this.nameError === undefined;
  }

  /** What a call takes of it. */
  get input(): { relayUrl: string; deviceName: string; passphrase?: string } {
    return { relayUrl: this.relayUrl.trim(), deviceName: this.name.trim(), ...this.lock.input };
  }
}
