/**
 * "Nothing stops a large file": it goes from one profile to another while the page is reloaded, the storage server is
 * killed, and the network is away for a minute.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { withoutFilePicker } from './world/devices.ts';
import { choose, sendTray, sendings } from './world/media.ts';
import { befriend, useWorld } from './world/world.ts';

const MB = 1_000_000;
const SIZE = 200;
/** Some 40 s of sending. */
const world = useWorld({ media: true, uplink: 5 * MB });
/** As on a journey by train. */
const AWAY = 60_000;
const PATIENCE = 480_000;

it(
  'a large file survives a reload, a killed storage server and time without a network, and arrives as it was',
  async () => {
    const ann = await world().arrive('Ann');
    const bob = await world().arrive('Bob');
    for (const person of [ann, bob]) await withoutFilePicker(person);
    await Promise.all([ann.onboard(), bob.onboard()]);
    await befriend(ann, bob);
    const folder = await mkdtemp(path.join(tmpdir(), 'securechat-film-'));
    const file = path.join(folder, 'concert.bin');
    await fill(file, SIZE);

    await world().storage.kill();
    await choose(ann, 'file', file);
    await sendTray(ann, 'The whole concert');
    const row = sendings(ann);
    await row.getByText('Waiting for a connection').waitFor({ timeout: 120_000 });
    await world().storage.start();
    await row.getByText(/^Sending…/).waitFor({ timeout: 60_000 });
    await ann.page.reload();
    await row.getByText(/^Sending…/).waitFor({ timeout: 60_000 });
    await world().storage.kill();
    await row.getByText('Waiting for a connection').waitFor({ timeout: 60_000 });
    await world().storage.start();
    await row.getByText(/^Sending…/).waitFor({ timeout: 60_000 });
    await ann.context.setOffline(true);
    await ann.page.waitForTimeout(AWAY);
    await ann.context.setOffline(false);

    await bob.message('The whole concert').waitFor({ timeout: PATIENCE });
    await bob
      .message('The whole concert')
      .getByRole('button', { name: `Download ${String(SIZE)} MB: concert.bin` })
      .click();
    const save = bob.message('The whole concert').getByRole('button', { name: 'Save: concert.bin' });
    await save.waitFor({ timeout: PATIENCE });
    const [download] = await Promise.all([bob.page.waitForEvent('download', { timeout: 120_000 }), save.click()]);
    expect(await hashOf(await download.path())).toBe(await hashOf(file));
    await rm(folder, { recursive: true });
  },
  2 * PATIENCE,
);

async function fill(file: string, megabytes: number): Promise<void> {
  const handle = await open(file, 'w');
  for (let i = 0; i < megabytes; i++) await handle.write(randomBytes(MB));
  await handle.close();
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Buffer);
  return hash.digest('hex');
}
