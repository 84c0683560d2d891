/** From a picture file to a small square avatar. */
import type { Avatar } from '@securechat/sync/api';

const SIDE = 256;
const MOST_BYTES = 32 * 1024;
const QUALITIES = [0.86, 0.7, 0.5, 0.3];

/** The square of the picture that is kept: its centre, and its side in pixels of the picture. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** The largest square, or a smaller one when zoomed in, kept inside the picture. Pure. */
export function fitCrop(
  picture: { width: number; height: number },
  wanted: { x: number; y: number; zoom: number },
): Crop {
  const side = Math.min(picture.width, picture.height) / Math.max(1, wanted.zoom);
  const half = side / 2;
  const within = (at: number, length: number): number => Math.min(Math.max(at, half), length - half);
  return { x: within(wanted.x, picture.width), y: within(wanted.y, picture.height), side };
}

/** Encodes the square as webp, or as jpeg where the browser cannot; undefined when it will not become small enough. */
export async function cropAvatar(picture: ImageBitmap, { x, y, side }: Crop): Promise<Avatar | undefined> {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, SIDE, SIDE);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, x - side / 2, y - side / 2, side, side, 0, 0, SIDE, SIDE);
  for (const quality of QUALITIES) {
    const blob = await encode(canvas, quality);
    if (blob.size <= MOST_BYTES && isAvatarType(blob.type))
      return { bytes: new Uint8Array(await blob.arrayBuffer()), type: blob.type };
  }
  return undefined;
}

/** Safari answers png when it is asked for webp. */
async function encode(canvas: OffscreenCanvas, quality: number): Promise<Blob> {
  const webp = await canvas.convertToBlob({ type: 'image/webp', quality });
  return webp.type === 'image/webp' ? webp : canvas.convertToBlob({ type: 'image/jpeg', quality });
}

function isAvatarType(type: string): type is Avatar['type'] {
  return type === 'image/webp' || type === 'image/png' || type === 'image/jpeg';
}
