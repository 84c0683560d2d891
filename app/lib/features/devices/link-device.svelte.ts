/** The ceremony on a device that has the account: a code is read, numbers are compared, the new device gets the account. */
import type { ClientError, LinkRequest } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError } from '$lib/text/index.ts';

export type LinkDeviceStep =
  | { readonly type: 'Enter' }
  | { readonly type: 'Compare'; readonly request: LinkRequest }
  | { readonly type: 'Linked'; readonly deviceName: string }
  | { readonly type: 'Declined' };

export class LinkDevice {
  code = $state('');
  step = $state.raw<LinkDeviceStep>({ type: 'Enter' });
  isBusy = $state(false);
  readonly error = $derived.by(() => this.#error && describeError(this.#error));
  #error = $state.raw<ClientError>();
  #isClosed = false;
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  /** Meets the device that shows `text`, typed or scanned. */
  async read(text: string): Promise<void> {
    if (this.isBusy) return;
    const result = await this.#during(() => this.#app.ask('readLinkCode', { text }));
    if (!result?.ok) return;
    // Nobody is there any more to compare.
    if (this.#isClosed) void this.#app.ask('declineLink', null);
    else this.step = { type: 'Compare', request: result.value };
  }

  async confirm(): Promise<void> {
    if (this.step.type !== 'Compare') return;
    const { deviceName } = this.step.request;
    const result = await this.#during(() => this.#app.ask('confirmLink', null));
    if (result?.ok) this.step = { type: 'Linked', deviceName };
    // Without a connection the same numbers can be confirmed again; after anything else it takes a new code.
    else if (result && result.error.type !== 'Offline') this.#restart();
  }

  /** The numbers differ. */
  async decline(): Promise<void> {
    this.#error = undefined;
    this.step = { type: 'Declined' };
    await this.#app.ask('declineLink', null);
  }

  /** Begins anew, after one was linked or declined. */
  again(): void {
    this.#error = undefined;
    this.#restart();
  }

  /** The screen is left: the other device need not wait. */
  close(): void {
    this.#isClosed = true;
    if (this.step.type === 'Compare' && !this.isBusy) void this.#app.ask('declineLink', null);
  }

  #restart(): void {
    this.code = '';
    this.step = { type: 'Enter' };
  }

  async #during<T>(work: () => Promise<({ ok: true; value: T } | { ok: false; error: ClientError }) | undefined>) {
    this.isBusy = true;
    this.#error = undefined;
    const result = await work();
    this.isBusy = false;
    if (result && !result.ok) this.#error = result.error;
    return result;
  }
}
