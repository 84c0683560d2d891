/** What can be done with the own devices: rename and unlink, one at a time. */
import { NAME_LIMIT, type ClientError, type DeviceId, type OwnDevice } from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError, text } from '$lib/text/index.ts';

export class Devices {
  /** The device whose name is being changed, and the name so far. */
  renaming = $state<DeviceId>();
  name = $state('');
  /** The device that the question is about, and the one that it was about last. */
  unlinking = $state.raw<OwnDevice>();
  asked = $state<DeviceId>();
  isBusy = $state(false);
  readonly nameError = $derived.by(() => this.#nameError && describeError(this.#nameError));
  readonly unlinkError = $derived.by(() => this.#unlinkError && describeError(this.#unlinkError));
  #nameError = $state.raw<ClientError>();
  #unlinkError = $state.raw<ClientError>();
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  startRename({ deviceId, name }: OwnDevice): void {
    this.renaming = deviceId;
    this.name = name;
    this.#nameError = undefined;
  }

  endRename(): void {
    this.renaming = undefined;
  }

  /** True when the name is taken, or was left as it is. */
  async saveName(device: OwnDevice): Promise<boolean> {
    const name = this.name.trim();
    this.#nameError = checkName(name);
    if (this.#nameError) return false;
    if (name !== device.name) {
      const result = await this.#app.ask('renameDevice', { deviceId: device.deviceId, name });
      if (result && !result.ok) this.#nameError = result.error;
      if (!result?.ok) return false;
      this.#app.toasts.info(text.devices.renamed);
    }
    this.endRename();
    return true;
  }

  askUnlink(device: OwnDevice): void {
    this.unlinking = device;
    this.asked = device.deviceId;
    this.#unlinkError = undefined;
  }

  cancelUnlink(): void {
    this.unlinking = undefined;
  }

  async unlink(): Promise<void> {
    const device = this.unlinking;
    if (!device) return;
    this.isBusy = true;
    this.#unlinkError = undefined;
    const result = await this.#app.ask('unlinkDevice', { deviceId: device.deviceId });
    this.isBusy = false;
    if (result && !result.ok) this.#unlinkError = result.error;
    if (!result?.ok) return;
    this.unlinking = undefined;
    this.#app.toasts.info(text.devices.unlinked(device.name));
  }
}

function checkName(name: string): ClientError | undefined {
  if (name === '') return { type: 'NameEmpty' };
  return name.length > NAME_LIMIT ? { type: 'TooLong', limit: NAME_LIMIT } : undefined;
}
