/** Keeps the screen from going dark, where the browser can: part of a call with a picture, which nobody touches for long. */

type Locking = Pick<WakeLock, 'request'>;
type Page = Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;

/**
 * From now on, while the page is in sight, until the function that it returns is called. The browser lets go by itself when the
 * page goes out of sight, and may refuse, as when the battery is low: then the screen is as it always is.
 */
export function keepAwake(locking: Locking | undefined, page: Page): () => void {
  let held: Pick<WakeLockSentinel, 'released' | 'release'> | undefined;
  let [isAsking, isOver] = [false, false];

  const ask = async (): Promise<void> => {
    if (isAsking || page.visibilityState !== 'visible' || held?.released === false) return;
    isAsking = true;
    held = await locking?.request('screen').catch(() => undefined);
    isAsking = false;
    if (isOver) await held?.release();
  };
  const look = (): void => void ask();

  page.addEventListener('visibilitychange', look);
  look();
  return () => {
    isOver = true;
    page.removeEventListener('visibilitychange', look);
    void held?.release();
  };
}
