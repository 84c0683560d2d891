/** Time that goes by for what is shown, while somebody looks at the page. */
import type { Attachment } from 'svelte/attachments';
import type { Show } from './show.svelte.ts';

const STEP = 100;
/** After a longer gap the machine slept or was busy: nobody saw anything meanwhile. */
const MOST = 500;

export function ticking(show: Pick<Show, 'tick' | 'hold'>): Attachment<HTMLElement> {
  return () => {
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      show.tick(Math.min(MOST, now - last));
      last = now;
    }, STEP);
    const look = (): void => show.hold('hidden', document.visibilityState === 'hidden');
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  };
}
