/**
 * The hand on a status: a tap at its beginning goes back and elsewhere goes on, resting holds it, and a swipe goes to another
 * author, closes, or opens what is below. Keys and screen readers have buttons for all of it.
 */
import type { Attachment } from 'svelte/attachments';

export interface Hand {
  /** Rests on the status, or no longer. */
  hold(isHeld: boolean): void;
  tap(at: 'before' | 'after'): void;
  swipe(to: 'left' | 'right' | 'up' | 'down'): void;
}

/** A touch that is longer holds; a shorter one taps. */
const REST = 250;
const FAR = 60;
/** Of the width: the zone that goes back. */
const BEFORE = 0.3;

export function touching(hand: Hand): Attachment<HTMLElement> {
  return (element) => {
    let start: PointerEvent | undefined;
    const down = (event: PointerEvent): void => {
      const isOnButton = event.target instanceof Element && event.target.closest('button, a') !== null;
      if (!event.isPrimary || event.button !== 0 || isOnButton) return;
      start = event;
      hand.hold(true);
    };
    const end = (): PointerEvent | undefined => {
      const began = start;
      start = undefined;
      if (began) hand.hold(false);
      return began;
    };
    const up = (event: PointerEvent): void => {
      const began = end();
      if (!began) return;
      const swipe = swipeOf(event.clientX - began.clientX, event.clientY - began.clientY);
      if (swipe) hand.swipe(swipe);
      else if (event.timeStamp - began.timeStamp <= REST) hand.tap(zoneOf(element, event.clientX));
    };
    const menu = (event: Event): void => event.preventDefault();
    const gone = new AbortController();
    const { signal } = gone;
    element.addEventListener('pointerdown', down, { signal });
    element.addEventListener('contextmenu', menu, { signal });
    // Beyond the element too: a mouse is let go anywhere.
    addEventListener('pointerup', up, { signal });
    addEventListener('pointercancel', () => void end(), { signal });
    return () => gone.abort();
  };
}

/** Where a movement goes, when it goes far enough. */
export function swipeOf(x: number, y: number): 'left' | 'right' | 'up' | 'down' | undefined {
  if (Math.max(Math.abs(x), Math.abs(y)) < FAR) return undefined;
  if (Math.abs(x) > Math.abs(y)) return x < 0 ? 'left' : 'right';
  return y < 0 ? 'up' : 'down';
}

function zoneOf(element: HTMLElement, x: number): 'before' | 'after' {
  const { left, width } = element.getBoundingClientRect();
  const isRightToLeft = getComputedStyle(element).direction === 'rtl';
  const part = (x - left) / Math.max(1, width);
  return (isRightToLeft ? 1 - part : part) < BEFORE ? 'before' : 'after';
}
