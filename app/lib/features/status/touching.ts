/**
 * The hand on a status: a tap goes on or back (the zones are buttons, so keys and screen readers have them too), resting
 * holds it, and a swipe goes to another author, closes, or opens what is below.
 */
import type { Attachment } from 'svelte/attachments';

export interface Hand {
  /** Rests on the status, or no longer. */
  hold(isHeld: boolean): void;
  swipe(to: 'left' | 'right' | 'up' | 'down'): void;
}

/** A touch that is longer holds; a shorter one taps. */
const REST = 250;
const FAR = 60;

export function touching(hand: Hand): Attachment<HTMLElement> {
  return (element) => {
    let start: { x: number; y: number; at: number } | undefined;
    /** What ends now was no tap, so the click that follows is none. */
    let isSpent = false;
    const down = (event: PointerEvent): void => {
      if (!event.isPrimary || event.button !== 0) return;
      start = { x: event.clientX, y: event.clientY, at: event.timeStamp };
      isSpent = false;
      hand.hold(true);
    };
    const up = (event: PointerEvent): void => {
      if (!start) return;
      const swipe = swipeOf(event.clientX - start.x, event.clientY - start.y);
      isSpent = swipe !== undefined || event.timeStamp - start.at > REST;
      start = undefined;
      hand.hold(false);
      if (swipe) hand.swipe(swipe);
    };
    const cancel = (): void => {
      if (!start) return;
      start = undefined;
      hand.hold(false);
    };
    const click = (event: MouseEvent): void => {
      // Of a key there was no touch before.
      if (event.detail === 0 || !isSpent) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const gone = new AbortController();
    const { signal } = gone;
    element.addEventListener('pointerdown', down, { signal });
    // Beyond the element too: a mouse is let go anywhere.
    addEventListener('pointerup', up, { signal });
    addEventListener('pointercancel', cancel, { signal });
    element.addEventListener('click', click, { signal, capture: true });
    element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
    return () => gone.abort();
  };
}

/** Where a movement goes, when it goes far enough. */
export function swipeOf(x: number, y: number): 'left' | 'right' | 'up' | 'down' | undefined {
  if (Math.max(Math.abs(x), Math.abs(y)) < FAR) return undefined;
  if (Math.abs(x) > Math.abs(y)) return x < 0 ? 'left' : 'right';
  return y < 0 ? 'up' : 'down';
}
