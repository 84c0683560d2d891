/// <reference types="@sveltejs/kit" />
/// <reference types="vite/client" />

declare global {
  /** Chromium's install prompt; in no standard yet. */
  interface BeforeInstallPromptEvent extends Event {
    prompt(): Promise<void>;
    readonly userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }>;
  }
  interface WindowEventMap {
    beforeinstallprompt: BeforeInstallPromptEvent;
  }
}

export {};
