import { endpoints, LIMITS, pathOf, toBase64Url } from '@securechat/relay-protocol';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startRelay } from '../../src/index.ts';
import { loadUws } from '../../src/transport/uws-engine.ts';
import { randomId } from '../people.ts';
import { bytesOf, readAnswer } from '../world.ts';

const TRANSPORTS = loadUws() === undefined ? (['ws'] as const) : (['uws', 'ws'] as const);

/** What a device does at a rendezvous, over real HTTP. */
function deviceAt(url: string, rendezvousId: string) {
  const urlOf = (slot: number) => url + pathOf(endpoints.rendezvous, { rendezvousId, slot: String(slot) });
  return {
    leave: async (slot: number, data: Uint8Array) => {
      const body = JSON.stringify(endpoints.putRendezvous.request.print({ data }));
      return readAnswer(endpoints.putRendezvous, await fetch(urlOf(slot), { method: 'PUT', body }));
    },
    fetch: async (slot: number) => {
      const answer = await readAnswer(endpoints.rendezvous, await fetch(urlOf(slot)));
      return typeof answer === 'string' ? answer : answer.data;
    },
  };
}

describe('two devices meet', () => {
  it.each(TRANSPORTS)('R-MEET-9: over %s, a whole ceremony of messages and a large grant', async (transport) => {
    const folder = mkdtempSync(join(tmpdir(), 'securechat-meet-'));
    const relay = await startRelay({ dataDir: folder, transport });
    onTestFinished(async () => {
      await relay.close();
      rmSync(folder, { recursive: true });
    });
    const id = randomId();
    const [fresh, old] = [deviceAt(relay.url, toBase64Url(id)), deviceAt(relay.url, toBase64Url(id))];
    expect(await fresh.fetch(1)).toBe('NotFound');
    expect(await fresh.leave(0, bytesOf('canary offer'))).toEqual({});
    expect(await old.fetch(0)).toEqual(bytesOf('canary offer'));
    expect(await old.leave(1, bytesOf('canary reply'))).toEqual({});
    expect(await old.leave(1, bytesOf('canary other'))).toBe('Taken');
    expect(await fresh.fetch(1)).toEqual(bytesOf('canary reply'));
    const grant = new Uint8Array(LIMITS.rendezvousBytes).map((_, at) => at * 7);
    grant.set(bytesOf('canary grant'));
    expect(await old.leave(7, grant)).toEqual({});
    const got = await fresh.fetch(7);
    expect(typeof got === 'string' ? got : Buffer.compare(got, grant)).toBe(0);

    const onDisk = readdirSync(folder).map((file) => readFileSync(join(folder, file)));
    expect(onDisk.length).toBeGreaterThan(1);
    const marks = ['canary', Buffer.from(id), toBase64Url(id), toBase64Url(bytesOf('canary offer'))];
    expect(marks.filter((mark) => onDisk.some((bytes) => bytes.includes(mark)))).toEqual([]);
  });
});
