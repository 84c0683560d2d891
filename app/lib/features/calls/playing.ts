/** Elements that play what comes from a microphone, a camera or the other side. */
import type { Attachment } from 'svelte/attachments';

/** Plays a stream, as long as the element is there. */
export function plays(stream: MediaStream | undefined, speaker?: string): Attachment<HTMLMediaElement> {
  return (element) => {
    element.srcObject = stream ?? null;
    // A speaker that is gone: the system's is used.
    if (speaker !== undefined && 'setSinkId' in element) void element.setSinkId(speaker).catch(() => undefined);
    // Where the browser waits for a click, the click that answers or calls was one.
    void element.play().catch(() => undefined);
    return () => {
      element.srcObject = null;
    };
  };
}

/** Shows one track. */
export function shows(track: MediaStreamTrack | undefined): Attachment<HTMLMediaElement> {
  return plays(track && new MediaStream([track]));
}

/** Sounds as long as the element is there: `play` begins it and returns what stops it. */
export function sounds(play: () => () => void): Attachment {
  return () => play();
}
