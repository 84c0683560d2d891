import { describe, expect, it, onTestFinished } from 'vitest';
import { createStorageServer, openDesk } from '../../src/index.ts';
import { sweep } from '../../src/expiry.ts';
import {
  configFor,
  createBytes,
  createClock,
  createLog,
  createPlace,
  createToken,
  START,
  STORES,
  type StoreName,
} from '../harness.ts';

const HOUR = 3_600_000;

/** A server without a socket, with a sweep that the test calls. */
async function openServer(store: StoreName) {
  const { directory, s3, kept } = await createPlace(store);
  const clock = createClock();
  const config = configFor(directory, { unfinishedMs: HOUR, keepMs: 10 * HOUR }, s3?.config);
  const desk = await openDesk(config, createLog(), clock);
  onTestFinished(() => {
    desk.blobs.close();
  });
  const fetch = createStorageServer(desk);
  const token = await createToken({ expiresAt: START + 1000 * HOUR });
  const ask = (method: string, pathname: string, headers: Record<string, string> = {}, body?: Uint8Array) =>
    fetch(
      new Request(`http://storage/${pathname}`, {
        method,
        headers: { 'tus-resumable': '1.0.0', authorization: `Bearer ${token}`, ...headers },
        ...(body && { body: Buffer.from(body) }),
      }),
    );
  const create = async (size: number) => {
    const response = await ask('POST', 'files', { 'upload-length': String(size) });
    return { name: response.headers.get('location') ?? '', expires: response.headers.get('upload-expires') ?? '' };
  };
  const finish = async (size: number) => {
    const { name } = await create(size);
    const headers = { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
    const response = await ask('PATCH', name, headers, createBytes(size));
    expect([response.status, response.headers.get('upload-expires')]).toEqual([204, null]);
    return name;
  };
  return { clock, desk, s3, ask, create, finish, kept };
}

describe.each(STORES)('the end of blobs in a %s', (store) => {
  it('ST-13 an unfinished upload says when it ends, and ends then', async () => {
    const { clock, desk, ask, create } = await openServer(store);
    const { name, expires } = await create(10);
    expect(Date.parse(expires)).toBe(START + HOUR);
    clock.advance(HOUR - 1);
    expect((await ask('HEAD', name)).status).toBe(200);
    clock.advance(1);
    expect((await ask('HEAD', name)).headers.get('x-securechat-refusal')).toBe('Expired');
    expect(await sweep(desk)).toEqual({ expired: 1, stuck: 0 });
    expect((await ask('HEAD', name)).headers.get('x-securechat-refusal')).toBe('NotFound');
  });

  it('ST-14 a finished blob outlives the time for uploads, and is kept to the second', async () => {
    const { clock, ask, finish } = await openServer(store);
    const name = await finish(10);
    clock.advance(10 * HOUR - 1000);
    const response = await ask('GET', name);
    expect(response.headers.get('cache-control')).toBe('public, max-age=1, immutable');
    clock.advance(1000);
    expect((await ask('GET', name)).status).toBe(404);
  });

  it('ST-14 the sweep removes what is over, and nothing else', async () => {
    const { clock, desk, ask, create, finish, kept } = await openServer(store);
    await finish(10);
    await create(10);
    clock.advance(5 * HOUR);
    const young = await finish(20);
    const begun = await create(10);
    expect(await sweep(desk)).toEqual({ expired: 1, stuck: 0 });
    clock.advance(5 * HOUR);
    expect(await sweep(desk)).toEqual({ expired: 2, stuck: 0 });
    expect(await kept()).toEqual([young.replace('files/', '')]);
    expect((await ask('GET', young)).status).toBe(200);
    expect((await ask('HEAD', begun.name)).status).toBe(404);
    expect(desk.ledger.total).toEqual({ blobs: 1, bytes: 20 });
  });
});
