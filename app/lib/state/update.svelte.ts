/** Tells when a newer build waits in the service worker, and switches every tab to it when asked. */

const CHECK_EVERY = 60 * 60 * 1000;

export class Update {
  #waiting = $state.raw<ServiceWorker | undefined>();
  #hidden = $state(false);

  get isReady(): boolean {
    return this.#waiting !== undefined && !this.#hidden;
  }

  /** Starts looking; returns the function that stops it. */
  watch(): () => void {
    const container = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
    if (!container) return () => undefined;
    const hadController = container.controller !== null;
    const onController = (): void => {
      // The first worker only takes over what it will answer from now on; a later one brings other files.
      if (hadController) location.reload();
    };
    container.addEventListener('controllerchange', onController);
    void container.ready.then((registration) => {
      this.#follow(registration);
    });
    const timer = setInterval(() => void this.#check(container), CHECK_EVERY);
    return () => {
      clearInterval(timer);
      container.removeEventListener('controllerchange', onController);
    };
  }

  apply(): void {
    this.#waiting?.postMessage('activate');
  }

  postpone(): void {
    this.#hidden = true;
  }

  async #check(container: ServiceWorkerContainer): Promise<void> {
    const registration = await container.getRegistration();
    // Offline: the next hour comes.
    await registration?.update().catch(() => undefined);
  }

  #follow(registration: ServiceWorkerRegistration): void {
    const note = (worker: ServiceWorker | null): void => {
      if (worker?.state === 'installed' && registration.active !== null) this.#waiting = worker;
    };
    note(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => {
        note(worker);
      });
    });
  }
}
