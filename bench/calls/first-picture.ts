/** When the first picture of a call is decoded, in both people's browsers, from the moment that one of them presses a button. */
import type { Page } from 'playwright-core';
import type { Person } from '../../app/e2e/world/person.ts';
import { answer, call, hangUp, ringing, seesEnd } from '../../app/e2e/world/calls.ts';

/** Milliseconds from "Answer with video": until there is a connection, and until the first picture was decoded. */
export interface Answered {
  readonly connected: number;
  readonly atCallee: number;
  readonly atCaller: number;
}

/** By the clock of the machine, which both browsers share. */
interface Marks {
  pressed?: number;
  connected?: number;
  picture?: number;
}
/** Of Chromium; TypeScript does not know it. */
type Processor = new (options: { track: MediaStreamTrack }) => { readonly readable: ReadableStream<VideoFrame> };
type Inside = typeof globalThis & { marks: Marks; MediaStreamTrackProcessor: Processor };

/** Notes in a page when somebody presses, when it is connected and when a picture is there. Before the app is opened. */
export async function watchCalls({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    const inside = globalThis as Inside;
    inside.marks = {};
    // Methods: what runs this file gives other functions their names by something that is not in the page.
    const marker = {
      mark(name: keyof Marks): void {
        inside.marks[name] ??= performance.timeOrigin + performance.now();
      },
      async follow(track: MediaStreamTrack): Promise<void> {
        const { readable } = new inside.MediaStreamTrackProcessor({ track: track.clone() });
        const reader = readable.getReader();
        const { value } = await reader.read();
        this.mark('picture');
        value?.close();
        await reader.cancel();
      },
    };
    addEventListener('click', () => marker.mark('pressed'), { capture: true });
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(config?: RTCConfiguration) {
        super(config);
        this.addEventListener('track', ({ track }) => {
          if (track.kind === 'video') void marker.follow(track);
        });
        this.addEventListener('connectionstatechange', () => {
          if (this.connectionState === 'connected') marker.mark('connected');
        });
      }
    };
  });
}

/** Somebody calls with video, and the other answers with video. Both look at their chat; afterwards they do again. */
export async function measureAnswer(caller: Person, callee: Person): Promise<Answered> {
  await call(caller, callee.name, 'Video');
  await ringing(callee, caller.name, 'video').waitFor();
  for (const { page } of [caller, callee]) await page.evaluate(() => void ((globalThis as Inside).marks = {}));
  await answer(callee, caller.name, 'video');
  const [callers, callees] = await Promise.all([marksOf(caller.page), marksOf(callee.page)]);
  await hangUp(callee);
  await seesEnd(caller, callee.name, 'Call ended');
  await seesEnd(callee, caller.name, 'Call ended');
  const { pressed } = callees;
  return {
    connected: callees.connected - pressed,
    atCallee: callees.picture - pressed,
    atCaller: callers.picture - pressed,
  };
}

async function marksOf(page: Page): Promise<Required<Marks>> {
  await page.waitForFunction(() => (globalThis as Inside).marks.picture !== undefined);
  const { pressed = NaN, connected = NaN, picture = NaN } = await page.evaluate(() => (globalThis as Inside).marks);
  return { pressed, connected, picture };
}
