/** Whether a passphrase protects the device that an account comes to, and which. */
import { MIN_PASSPHRASE } from '@securechat/sync/api';
import { describeError, text } from '$lib/text/index.ts';

export class LockChoice {
  isOn = $state(false);
  passphrase = $state('');
  again = $state('');
  #tried = $state(false);

  readonly passphraseError = $derived(
    this.#tried && this.isOn && this.passphrase.length < MIN_PASSPHRASE
      ? describeError({ type: 'PassphraseTooShort', minimum: MIN_PASSPHRASE })
      : undefined,
  );
  readonly againError = $derived(
    this.#tried && this.isOn && this.again !== this.passphrase ? text.onboarding.passphraseDiffers : undefined,
  );

  /** Whether it can be used as it is; from now on what is wrong is shown. */
  check(): boolean {
    this.#tried = true;
    return this.passphraseError === undefined && this.againError === undefined;
  }

  /** What a call takes of it. */
  get input(): { passphrase?: string } {
    return this.isOn ? { passphrase: this.passphrase } : {};
  }
}
