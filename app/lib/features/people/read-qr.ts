/** Decodes a QR code in a picture or a video frame. The decoder is loaded when it is first needed. */

/** The text of the code, or undefined when there is none. `most` bounds the longer side in pixels. */
export async function readQr(
  source: CanvasImageSource,
  size: { width: number; height: number },
  most: number,
): Promise<string | undefined> {
  const { decodeQR } = await import('qr/decode.js');
  const scale = Math.min(1, most / Math.max(size.width, size.height));
  const width = Math.round(size.width * scale);
  const height = Math.round(size.height * scale);
  if (width === 0 || height === 0) return undefined;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(source, 0, 0, width, height);
  try {
    return decodeQR(context.getImageData(0, 0, width, height));
  } catch {
    return undefined; // the decoder throws when it finds no code
  }
}
