/** Opens what one other device sends, with the keys that it told. */
import type { FrameKey } from '@securechat/sync/api';
import { openFrame, readHeader, type Kind } from './frame.ts';
import { isSame } from './sealer.ts';
import { deriveKey, type Bytes, type SFrameKey } from './sframe.ts';

interface Opening {
  readonly given: FrameKey;
  readonly key: Promise<SFrameKey>;
  readonly came: Readonly<Record<Kind, Came>>;
}

export class Opener {
  #openings: readonly Opening[] = [];

  /** Opens with these from now on, and with no other ones. Of two with one id the last counts. */
  use(keys: readonly FrameKey[]): void {
    this.#openings = keys.map(
      (given) => this.#openings.find((known) => isSame(known.given, given)) ?? openingOf(given),
    );
  }

  /** Undefined: it is not of that device, was changed on its way, came before, or its key is not known (any more). */
  async open(kind: Kind, sealed: Bytes): Promise<Bytes | undefined> {
    const header = readHeader(sealed);
    const opening = header && this.#openings.findLast(({ given }) => given.id === header.id);
    if (!opening) return undefined;
    const opened = await openFrame(await opening.key, kind, sealed);
    // Only what is authentic counts as having come, and of two that are opened at the same time one.
    return opened && opening.came[kind].take(header.counter) ? opened : undefined;
  }
}

function openingOf(given: FrameKey): Opening {
  return { given, key: deriveKey(given.id, given.key), came: { audio: new Came(), video: new Came() } };
}

/** How far out of order frames of a stream may come, in frames that their sender sealed meanwhile for everybody. */
const WINDOW = 1024;

/**
 * Which counters came. Those with the same rest share a place, and a place only ever goes up: nothing is taken twice, and what is
 * too old to know is not taken.
 */
class Came {
  readonly #places = new Float64Array(WINDOW).fill(-1);

  /** False: it came before, or may have. */
  take(counter: number): boolean {
    const place = counter % WINDOW;
    if ((this.#places[place] ?? -1) >= counter) return false;
    this.#places[place] = counter;
    return true;
  }
}
