/**
 * The ceremony on the device that has no account yet. What happens is the engine's affair, and its `linking` watch says
 * where it is; this adds the form before it and the time that the code has left.
 */
import type { ClientError, LinkFailure, Linking, Millis } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { firstSnapshot } from '$lib/state/live.ts';
import { describeError, text } from '$lib/text/index.ts';
import type { NewDevice } from './new-device.svelte.ts';

export type LinkStep =
  | { readonly type: 'Form' }
  | { readonly type: 'Code'; readonly groups: readonly string[]; readonly qr: string; readonly timeLeft: Millis }
  | { readonly type: 'Compare'; readonly comparison: string }
  | { readonly type: 'Receiving' }
  | { readonly type: 'Failed'; readonly reason: LinkFailure };

export class LinkThis {
  readonly device: NewDevice;
  isBusy = $state(false);
  readonly step = $derived.by((): LinkStep => toStep(this.#linking, this.#now));
  readonly error = $derived.by(() => this.#error && describeError(this.#error));
  #linking = $state.raw<Linking>({ type: 'Idle' });
  #now = $state(Date.now());
  #error = $state.raw<ClientError>();
  readonly #app: App;

  constructor(app: App, device: NewDevice) {
    this.#app = app;
    this.device = device;
  }

  /** Follows the engine, which may be in the middle of it: after a reload, or in a second tab. Returns the stop. */
  follow(): () => void {
    const stop = this.#app.api.watch('linking', null, (linking) => {
      this.#linking = linking;
      this.#now = Date.now();
    });
    const timer = setInterval(() => (this.#now = Date.now()), 1_000);
    return () => {
      clearInterval(timer);
      stop();
      if (this.#linking.type === 'Receiving') void this.#welcome();
    };
  }

  /** Shows a code, or a new one in place of the last. */
  async start(): Promise<void> {
    this.#error = undefined;
    if (!this.device.check()) return;
    this.isBusy = true;
    const result = await this.#app.ask('startLinking', this.device.input);
    this.isBusy = false;
    if (result && !result.ok) this.#error = result.error;
  }

  /** Says whose account came, as soon as it is known: who had the code could have handed over another one. */
  async #welcome(): Promise<void> {
    const { name } = await firstSnapshot(this.#app.api, 'profile', null, (profile) => profile.name !== '');
    this.#app.toasts.info(text.linkThis.linked(name));
  }

  /** Back to the form, where the address of the relay can be changed. */
  async cancel(): Promise<void> {
    this.#error = undefined;
    if (this.#linking.type !== 'Idle') await this.#app.run('cancelLinking', null);
  }
}

function toStep(linking: Linking, now: Millis): LinkStep {
  switch (linking.type) {
    case 'Idle':
      return { type: 'Form' };
    case 'Waiting':
      // The engine says so too, though perhaps a moment later.
      if (now >= linking.expiresAt) return { type: 'Failed', reason: 'Expired' };
      return { type: 'Code', groups: toGroups(linking.code), qr: linking.qr, timeLeft: linking.expiresAt - now };
    case 'Compare':
    case 'Receiving':
    case 'Failed':
      return linking;
  }
}

/** As it is typed: groups of four. */
function toGroups(code: string): string[] {
  return code.replace(/[^0-9A-Za-z]/g, '').match(/.{1,4}/g) ?? [];
}
