/** How large the pictures of a message are drawn, before any of them is there. Pure. */
import type { MediaAbout } from '@securechat/sync/api';

const WIDTH = 330;
const HEIGHT = 380;
/** Neither a strip nor a tower: the rest is cut off, and seen when it is opened. */
const [TALLEST, WIDEST] = [0.6, 1.9];

export interface Shape {
  /** Width by height. */
  readonly ratio: number;
  /** CSS pixels, where there is room. */
  readonly width: number;
}

export function albumShape(items: readonly Pick<MediaAbout, 'width' | 'height'>[]): Shape {
  const [first] = items;
  if (items.length !== 1 || !first) return { ratio: items.length === 2 ? 2 : 1.25, width: WIDTH };
  const { width = 4, height = 3 } = first;
  const ratio = Math.min(WIDEST, Math.max(TALLEST, width / Math.max(1, height)));
  return { ratio, width: Math.round(Math.min(WIDTH, HEIGHT * ratio)) };
}
