/** Pictures and films to send, made in a browser; and what people do with media, by what they see. */
import type { Locator, Page } from 'playwright-core';
import type { Person } from './person.ts';

export interface SentFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A landscape of some kind; `noise` makes it large. */
export async function drawPicture(
  page: Page,
  { width, height, hue, noise = 0 }: { width: number; height: number; hue: number; noise?: number },
): Promise<Buffer> {
  const text = await page.evaluate(
    async (options) => {
      const canvas = new OffscreenCanvas(options.width, options.height);
      const context = canvas.getContext('2d');
      if (!context) throw new Error('no canvas');
      const sky = context.createLinearGradient(0, 0, 0, options.height);
      sky.addColorStop(0, `hsl(${String(options.hue)} 70% 40%)`);
      sky.addColorStop(1, `hsl(${String(options.hue + 40)} 85% 78%)`);
      context.fillStyle = sky;
      context.fillRect(0, 0, options.width, options.height);
      for (let ridge = 0; ridge < 4; ridge++) {
        context.fillStyle = `hsl(${String(options.hue + 150 + ridge * 12)} 35% ${String(46 - ridge * 9)}%)`;
        context.beginPath();
        context.moveTo(0, options.height);
        for (let step = 0; step <= 60; step++) {
          const x = (step * options.width) / 60;
          const wave =
            Math.sin(x / (options.width / (5 + ridge)) + ridge * 2 + options.hue) + Math.sin(x / 37 + ridge) * 0.2;
          context.lineTo(x, options.height * (0.5 + ridge * 0.12 + wave * 0.07));
        }
        context.lineTo(options.width, options.height);
        context.fill();
      }
      if (options.noise > 0) {
        const pixels = context.getImageData(0, 0, options.width, options.height);
        for (let i = 0; i < pixels.data.length; i++)
          if (i % 4 !== 3) pixels.data[i] = (pixels.data[i] ?? 0) + (Math.random() - 0.5) * options.noise;
        context.putImageData(pixels, 0, 0);
      }
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      let binary = '';
      for (let i = 0; i < bytes.length; i += 32_768) binary += String.fromCharCode(...bytes.subarray(i, i + 32_768));
      return btoa(binary);
    },
    { width, height, hue, noise },
  );
  return Buffer.from(text, 'base64');
}

/** A film of a moving square, some seconds long. */
export async function shootFilm(page: Page, seconds: number): Promise<Buffer> {
  const text = await page.evaluate(async (length) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 360];
    const context = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.start();
    const end = performance.now() + length * 1000;
    while (performance.now() < end) {
      if (context) {
        context.fillStyle = '#24406b';
        context.fillRect(0, 0, 640, 360);
        context.fillStyle = '#ffb347';
        context.fillRect((performance.now() / 8) % 600, 140, 80, 80);
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    await new Promise((resolve) => {
      recorder.onstop = resolve;
      recorder.stop();
    });
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    let binary = '';
    for (let i = 0; i < bytes.length; i += 32_768) binary += String.fromCharCode(...bytes.subarray(i, i + 32_768));
    return btoa(binary);
  }, seconds);
  return Buffer.from(text, 'base64');
}

export const jpeg = (name: string, buffer: Buffer): SentFile => ({ name, mimeType: 'image/jpeg', buffer });

/** Puts an Exif block with a text behind the start of a JPEG, as a camera does with the place. */
export function withExif(picture: Buffer, text: string): Buffer {
  const data = Buffer.concat([Buffer.from('Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1'), Buffer.from(text)]);
  const head = Buffer.from([0xff, 0xe1, (data.length + 2) >> 8, (data.length + 2) & 0xff]);
  return Buffer.concat([picture.subarray(0, 2), head, data, picture.subarray(2)]);
}

/** Chooses files, as the browser's own question does. */
export async function choose(
  { page }: Person,
  how: 'media' | 'file',
  files: readonly SentFile[] | string,
): Promise<void> {
  await page.locator(`input[data-pick=${how}]`).setInputFiles(typeof files === 'string' ? files : [...files]);
  await tray(page).waitFor();
}

export function tray(page: Page): Locator {
  return page.getByRole('dialog', { name: /^Send \d+ files?$/ });
}

/** Sends what is in the tray when all of it is prepared. */
export async function sendTray({ page }: Person, caption = ''): Promise<void> {
  if (caption !== '') await tray(page).getByLabel('Caption').fill(caption);
  const button = tray(page).getByRole('button', { name: 'Send', exact: true });
  await button.and(page.locator(':enabled')).click();
}

/** Waits until a voice message that is being recorded has a length. The hour of a message can look just like it. */
export function recordedFor(page: Page, length: string): Promise<void> {
  return page.getByRole('group', { name: 'Recording', exact: true }).getByText(length, { exact: true }).waitFor();
}

/** Lists of messages with files on their way. */
export function sendings({ page }: Person): Locator {
  return page.getByRole('list', { name: 'On the way' });
}
