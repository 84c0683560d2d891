/** Gestures of a finger: press and hold, and drag sideways. A mouse has its own ways to the same things. */
import type { Attachment } from 'svelte/attachments';

const HOLD = 420;
const SLACK = 10;

/** Calls `onHold` when a finger rests on the element. Android has an event for it, iOS has not. */
export function longPress(onHold: (event: PointerEvent) => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let start: PointerEvent | undefined;
    const cancel = (): void => clearTimeout(timer);
    const down = (event: PointerEvent): void => {
      if (event.pointerType !== 'touch' || !event.isPrimary) return;
      start = event;
      timer = setTimeout(() => onHold(event), HOLD);
    };
    const move = (event: PointerEvent): void => {
      if (start && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > SLACK) cancel();
    };
    return listen(element, { pointerdown: down, pointermove: move, pointerup: cancel, pointercancel: cancel });
  };
}

const FAR = 72;
const ENOUGH = 52;

/**
 * Drags a child of the element along with a finger, and calls `onSwipe` with it when it was dragged far enough. `find`
 * says which child, if any, a finger has taken.
 */
export function swipeSideways(
  find: (target: EventTarget | null) => HTMLElement | undefined,
  onSwipe: (child: HTMLElement) => void,
): Attachment<HTMLElement> {
  return (element) => {
    let drag: { child: HTMLElement; x: number; y: number; by: number } | undefined;
    const down = (event: PointerEvent): void => {
      const child = event.pointerType === 'touch' && event.isPrimary ? find(event.target) : undefined;
      drag = child && { child, x: event.clientX, y: event.clientY, by: 0 };
    };
    const move = (event: PointerEvent): void => {
      if (!drag) return;
      const by = event.clientX - drag.x;
      if (drag.by === 0 && Math.abs(event.clientY - drag.y) > SLACK) return end();
      if (by < SLACK && drag.by === 0) return;
      drag.by = Math.max(0, Math.min(FAR, by - SLACK));
      drag.child.style.translate = `${String(drag.by)}px`;
    };
    const end = (): void => {
      if (!drag) return;
      const { child, by } = drag;
      drag = undefined;
      child.style.translate = '';
      if (by > ENOUGH) onSwipe(child);
    };
    const cancel = (): void => {
      if (drag) drag.by = 0;
      end();
    };
    return listen(element, { pointerdown: down, pointermove: move, pointerup: end, pointercancel: cancel });
  };
}

function listen(element: HTMLElement, handlers: Record<string, (event: PointerEvent) => void>): () => void {
  const gone = new AbortController();
  for (const [name, handler] of Object.entries(handlers))
    element.addEventListener(name, (event) => handler(event as PointerEvent), { signal: gone.signal, passive: true });
  return () => gone.abort();
}
