/** Drawing pictures anew, off the page's thread. What is drawn has pixels and nothing else. */
import type { Bytes } from './bytes.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Of a size, made smaller where an edge is longer than `edge`. Pure. */
export function fitted({ width, height }: Size, edge: number): Size {
  const scale = Math.min(1, edge / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** As WebP, or as JPEG where the browser writes none. */
export async function redraw(image: ImageBitmap, size: Size, quality: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, size.width, size.height);
  const webp = await canvas.convertToBlob({ type: 'image/webp', quality });
  if (webp.type === 'image/webp') return webp;
  // What is transparent would be black.
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, size.width, size.height);
  return canvas.convertToBlob({ type: 'image/jpeg', quality });
}

/** Ten of them have to fit into one message. */
const THUMBNAIL_BYTES = 3000;

/** A picture of some hundred bytes that is there at once, before the real one is. */
export async function drawThumbnail(image: ImageBitmap, edge: number): Promise<Bytes> {
  for (const [size, quality] of [
    [edge, 0.6],
    [edge, 0.3],
    [edge / 2, 0.3],
  ] as const) {
    const drawn = await redraw(image, fitted(image, size), quality);
    if (drawn.size <= THUMBNAIL_BYTES) return new Uint8Array(await drawn.arrayBuffer());
  }
  return new Uint8Array();
}
