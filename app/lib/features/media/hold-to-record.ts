/** A finger on the button: records while it is there; slid up it is locked, slid aside it is discarded. */
import type { Attachment } from 'svelte/attachments';
import type { Recorder } from './recorder.svelte.ts';

const UP = 60;
const ASIDE = 90;

export function holdToRecord(recorder: Recorder, onrelease: () => void): Attachment<HTMLElement> {
  return (button) => {
    let start: { readonly x: number; readonly y: number } | undefined;
    const isTouch = ({ pointerType, isPrimary }: PointerEvent): boolean => pointerType === 'touch' && isPrimary;
    const down = (event: PointerEvent): void => {
      if (!isTouch(event) || recorder.state !== 'idle') return;
      start = { x: event.clientX, y: event.clientY };
      button.setPointerCapture(event.pointerId);
      recorder.isLocked = false;
      void recorder.start();
    };
    const move = (event: PointerEvent): void => {
      if (!start) return;
      if (start.y - event.clientY > UP) {
        recorder.isLocked = true;
        start = undefined;
      } else if (Math.abs(start.x - event.clientX) > ASIDE) {
        start = undefined;
        recorder.discard();
      }
    };
    const up = (): void => {
      if (!start) return;
      start = undefined;
      // The browser's question took the finger away: it goes on, locked.
      if (recorder.state === 'asking') recorder.isLocked = true;
      else onrelease();
    };
    const menu = (event: Event): void => event.preventDefault();
    const gone = new AbortController();
    const { signal } = gone;
    button.addEventListener('pointerdown', down, { signal });
    button.addEventListener('pointermove', move, { signal });
    button.addEventListener('pointerup', up, { signal });
    button.addEventListener('pointercancel', up, { signal });
    button.addEventListener('contextmenu', menu, { signal });
    return () => gone.abort();
  };
}
