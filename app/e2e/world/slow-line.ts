/** A line from browsers to a storage server that is as slow as one in real life: what goes up a test machine's own is up before a test has looked. */
import type { Socket } from 'node:net';
import { Line } from './line.ts';

/** Behind its time by less than this, in milliseconds, the line does not wait: timers are no finer. */
const SLACK = 20;

/** All connections together bring up so many bytes a second; what comes down is not held back. */
export function openSlowLine(to: string, bytesPerSecond: number): Promise<Line> {
  /** When what it took up so far is through. */
  let freeAt = 0;
  /** Milliseconds until these bytes are through. */
  const take = (bytes: number): number => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000;
    return freeAt - now;
  };
  return Line.open(to, (browser, storage) => {
    carrySlowly(browser, storage, take);
  });
}

function carrySlowly(browser: Socket, storage: Socket, take: (bytes: number) => number): void {
  browser.on('data', (bytes: Buffer) => {
    const isTaken = storage.write(bytes);
    const wait = take(bytes.length);
    if (isTaken && wait < SLACK) return;
    browser.pause();
    const resume = (): void => {
      setTimeout(() => browser.resume(), take(0));
    };
    if (isTaken) resume();
    else storage.once('drain', resume);
  });
  browser.on('end', () => storage.end());
  storage.pipe(browser);
}
