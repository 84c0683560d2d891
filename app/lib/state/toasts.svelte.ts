/** Short notes at the bottom of the screen, one at a time a line; some with an action such as Undo. */

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: 'info' | 'error';
  readonly action?: { readonly label: string; readonly run: () => void };
}

const SHOWN_FOR = 5_000;
const MOST = 3;

export class Toasts {
  items = $state.raw<readonly Toast[]>([]);
  #count = 0;
  // Nothing is drawn from it.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  info(text: string, action?: Toast['action']): void {
    this.#add(action ? { text, kind: 'info', action } : { text, kind: 'info' });
  }

  error(text: string): void {
    this.#add({ text, kind: 'error' });
  }

  dismiss(id: number): void {
    this.resume(id, false);
    this.items = this.items.filter((toast) => toast.id !== id);
  }

  /** While the pointer or the focus is on it, a toast stays. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
  }

  resume(id: number, restart = true): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    if (restart)
      this.#timers.set(
        id,
        setTimeout(() => {
          this.dismiss(id);
        }, SHOWN_FOR),
      );
  }

  #add(toast: Omit<Toast, 'id'>): void {
    const id = ++this.#count;
    const others = this.items.filter(({ text }) => text !== toast.text);
    this.items = [...others, { ...toast, id }].slice(-MOST);
    this.resume(id);
  }
}
