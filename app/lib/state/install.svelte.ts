/** Whether this app can be installed here, and how. */

import { createContext } from 'svelte';

const DISMISSED = 'securechat.install-dismissed';

export class Install {
  #prompt = $state.raw<BeforeInstallPromptEvent | undefined>();
  #dismissed = $state(readFlag());
  readonly isStandalone = matchMedia('(display-mode: standalone)').matches;
  /** iOS and iPadOS install from the share sheet and have no prompt. */
  readonly isApple =
    /iPhone|iPad/.test(navigator.userAgent) || (navigator.userAgent.includes('Mac') && navigator.maxTouchPoints > 1);

  constructor() {
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#prompt = event;
    });
    addEventListener('appinstalled', () => {
      this.#prompt = undefined;
    });
  }

  get canPrompt(): boolean {
    return this.#prompt !== undefined;
  }

  /** Whether the chat list offers it. */
  get isOffered(): boolean {
    return !this.isStandalone && !this.#dismissed && (this.canPrompt || this.isApple);
  }

  async prompt(): Promise<void> {
    const prompt = this.#prompt;
    this.#prompt = undefined;
    await prompt?.prompt();
  }

  dismiss(): void {
    this.#dismissed = true;
    try {
      localStorage.setItem(DISMISSED, '1');
    } catch {
      // Storage is blocked: it is offered again next time.
    }
  }
}

export const [getInstall, setInstall] = createContext<Install>();

function readFlag(): boolean {
  try {
    return localStorage.getItem(DISMISSED) !== null;
  } catch {
    return false;
  }
}
