/** The screen stays awake as long as it is to, and no longer. */
import { expect, it } from 'vitest';
import { keepAwake } from './awake.ts';

/** A page that goes out of sight and comes back, and a browser that keeps count of what it holds. */
class Browser {
  asked = 0;
  refuses = false;
  visibilityState: DocumentVisibilityState = 'visible';
  readonly held = new Set<{ released: boolean }>();
  readonly #page = new EventTarget();
  readonly addEventListener = this.#page.addEventListener.bind(this.#page);
  readonly removeEventListener = this.#page.removeEventListener.bind(this.#page);

  request = (): Promise<WakeLockSentinel> => {
    this.asked += 1;
    if (this.refuses) return Promise.reject(new DOMException('low battery', 'NotAllowedError'));
    const lock = {
      released: false,
      release: () => {
        lock.released = true;
        this.held.delete(lock);
        return Promise.resolve();
      },
    };
    this.held.add(lock);
    return Promise.resolve(lock as unknown as WakeLockSentinel);
  };

  /** As browsers do, it lets go of what is held by a page that nobody sees. */
  async show(state: DocumentVisibilityState): Promise<void> {
    this.visibilityState = state;
    if (state === 'hidden') for (const lock of this.held) lock.released = true;
    if (state === 'hidden') this.held.clear();
    this.#page.dispatchEvent(new Event('visibilitychange'));
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

it('is asked for once, again when the page is back in sight, and let go at the end', async () => {
  const browser = new Browser();
  const stop = keepAwake(browser, browser);
  await settled();
  await browser.show('visible');
  expect([browser.asked, browser.held.size]).toEqual([1, 1]);
  await browser.show('hidden');
  expect([browser.asked, browser.held.size]).toEqual([1, 0]);
  await browser.show('visible');
  expect([browser.asked, browser.held.size]).toEqual([2, 1]);
  stop();
  await settled();
  await browser.show('visible');
  expect([browser.asked, browser.held.size]).toEqual([2, 0]);
});

it('is let go when it comes only after the end', async () => {
  const browser = new Browser();
  keepAwake(browser, browser)();
  await settled();
  expect([browser.asked, browser.held.size]).toEqual([1, 0]);
});

it('may be refused, or not exist; a page out of sight does not ask', async () => {
  const browser = new Browser();
  browser.refuses = true;
  const stop = keepAwake(browser, browser);
  await settled();
  browser.refuses = false;
  await browser.show('hidden');
  expect(browser.asked).toBe(1);
  await browser.show('visible');
  expect(browser.held.size).toBe(1);
  stop();
  const other = new Browser();
  keepAwake(undefined, other)();
  await other.show('visible');
  expect(other.asked).toBe(0);
});
