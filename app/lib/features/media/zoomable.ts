/** The gestures of looking at a picture: wheel, two fingers, double tap; dragging when it is zoomed, swiping when it is whole. */
import type { Attachment } from 'svelte/attachments';
import type { Point, Zoom } from './zoom.svelte.ts';

/** What a double tap goes to. */
const CLOSE = 2.5;
const SWIPE = 60;

/** `onswipe` is told to which side, of a picture that is not zoomed. */
export function zoomable(zoom: Zoom, onswipe: (to: 'left' | 'right' | 'down') => void): Attachment<HTMLElement> {
  return (element) => {
    const fingers = new Map<number, Point>();
    let start: Point | undefined;
    const fromMiddle = ({ x, y }: Point): Point => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: x - left - width / 2, y: y - top - height / 2 };
    };
    const down = (event: PointerEvent): void => {
      fingers.set(event.pointerId, pointOf(event));
      start = fingers.size === 1 ? pointOf(event) : undefined;
      if (event.target instanceof HTMLElement && !event.target.closest('button, video'))
        element.setPointerCapture(event.pointerId);
    };
    const move = (event: PointerEvent): void => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
      const now = pointOf(event);
      fingers.set(event.pointerId, now);
      if (other)
        zoom.to(
          zoom.scale * (distance(now, other) / Math.max(1, distance(before, other))),
          fromMiddle(middle(now, other)),
        );
      else if (zoom.scale > 1) zoom.pan({ x: now.x - before.x, y: now.y - before.y });
    };
    const up = (event: PointerEvent): void => {
      fingers.delete(event.pointerId);
      const swipe = start && zoom.scale === 1 ? swipeOf(start, pointOf(event)) : undefined;
      start = undefined;
      if (swipe) onswipe(swipe);
    };
    const cancel = (event: PointerEvent): void => {
      fingers.delete(event.pointerId);
      start = undefined;
    };
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      zoom.to(zoom.scale * Math.exp(-event.deltaY / 400), fromMiddle(event));
    };
    const double = (event: MouseEvent): void => zoom.to(zoom.scale > 1 ? 1 : CLOSE, fromMiddle(event));
    const gone = new AbortController();
    const { signal } = gone;
    element.addEventListener('pointerdown', down, { signal });
    element.addEventListener('pointermove', move, { signal });
    element.addEventListener('pointerup', up, { signal });
    element.addEventListener('pointercancel', cancel, { signal });
    element.addEventListener('wheel', wheel, { signal, passive: false });
    element.addEventListener('dblclick', double, { signal });
    return () => gone.abort();
  };
}

function pointOf({ clientX, clientY }: MouseEvent): Point {
  return { x: clientX, y: clientY };
}

function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function swipeOf(from: Point, to: Point): 'left' | 'right' | 'down' | undefined {
  const [x, y] = [to.x - from.x, to.y - from.y];
  if (Math.abs(x) > SWIPE && Math.abs(x) > Math.abs(y)) return x < 0 ? 'left' : 'right';
  return y > SWIPE * 1.5 ? 'down' : undefined;
}
