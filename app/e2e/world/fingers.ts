/** A person's fingers on the glass: what a mouse cannot do. */
import type { CDPSession, Locator, Page } from 'playwright-core';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** In how many steps a finger moves: gestures look at the way, not only at its end. */
const STEPS = 8;

export class Fingers {
  readonly #session: CDPSession;
  #at: readonly Point[] = [];

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async on(page: Page): Promise<Fingers> {
    return new Fingers(await page.context().newCDPSession(page));
  }

  async down(...points: readonly Point[]): Promise<void> {
    await this.#touch('touchStart', points);
  }

  /** To these places, each finger to its own. */
  async slide(...points: readonly Point[]): Promise<void> {
    const from = this.#at;
    for (let step = 1; step <= STEPS; step += 1) {
      const part = step / STEPS;
      const between = points.map(({ x, y }, finger) => {
        const start = from[finger] ?? { x, y };
        return { x: start.x + (x - start.x) * part, y: start.y + (y - start.y) * part };
      });
      await this.#touch('touchMove', between);
    }
  }

  async up(): Promise<void> {
    await this.#touch('touchEnd', []);
  }

  async #touch(type: 'touchStart' | 'touchMove' | 'touchEnd', points: readonly Point[]): Promise<void> {
    this.#at = points;
    await this.#session.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: points.map(({ x, y }, id) => ({ x, y, id })),
    });
  }
}

/** The middle of what is shown. */
export async function middleOf(target: Locator): Promise<Point> {
  const box = await target.boundingBox();
  if (box === null) throw new Error(`${target.toString()} is not shown`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
