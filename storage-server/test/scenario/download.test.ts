import { describe, expect, it } from 'vitest';
import {
  append,
  codeOf,
  create,
  createBytes,
  createToken,
  startServer,
  STORES,
  upload,
  type StoreName,
} from '../harness.ts';

const bytes = createBytes(1000);

async function storedBlob(store: StoreName) {
  const server = await startServer({}, store);
  const url = await upload(server.endpoint, bytes, await createToken());
  return {
    ...server,
    blob: url,
    get: (headers: Record<string, string>, method = 'GET') => fetch(url, { method, headers }),
  };
}

describe.each(STORES)('downloading from a %s', (store) => {
  it('ST-15 an unfinished blob is not there', async () => {
    const { endpoint } = await startServer({}, store);
    const url = await create(endpoint, 10, await createToken());
    await append(url, 0, bytes.subarray(0, 9), await createToken());
    expect(codeOf(await fetch(url))).toBe('NotFound');
    await append(url, 9, bytes.subarray(9, 10), await createToken());
    expect((await fetch(url)).status).toBe(200);
  });

  it.each([
    ['bytes=0-99', 0, 100],
    ['bytes=900-', 900, 1000],
    ['bytes=-10', 990, 1000],
    ['bytes=999-5000', 999, 1000],
    ['bytes=-5000', 0, 1000],
  ])('ST-16 %s is a part', async (range, start, end) => {
    const { get } = await storedBlob(store);
    const response = await get({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/1000`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes.slice(start, end));
  });

  it.each(['bytes=1000-', 'bytes=5000-6000', 'bytes=-0'])('ST-16 %s is outside', async (range) => {
    const { get } = await storedBlob(store);
    const response = await get({ range });
    expect([response.status, codeOf(response), response.headers.get('content-range')]).toEqual([
      416,
      'RangeInvalid',
      'bytes */1000',
    ]);
  });

  it.each(['bytes=0-1,5-6', 'lines=1-2', 'bytes=9-3', 'bytes=-'])('ST-16 %s gives the whole blob', async (range) => {
    const { get } = await storedBlob(store);
    const response = await get({ range });
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(1000);
  });

  it('ST-17 the tag is the name, and conditions are kept', async () => {
    const { get, blob } = await storedBlob(store);
    const etag = `"${blob.slice(-32)}"`;
    expect((await get({})).headers.get('etag')).toBe(etag);
    expect((await get({ 'if-none-match': etag })).status).toBe(304);
    expect((await get({ 'if-range': etag, range: 'bytes=0-1' })).status).toBe(206);
    expect((await get({ 'if-range': '"another"', range: 'bytes=0-1' })).status).toBe(200);
  });

  it('ST-18 a blob is bytes that nothing shows, and that any cache may keep', async () => {
    const { get } = await storedBlob(store);
    const response = await get({}, 'HEAD');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=2592000, immutable',
      'content-disposition': 'attachment',
      'content-length': '1000',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
    });
  });

  it('ST-19 pages of any origin may read every answer, and ask before', async () => {
    const { blob, endpoint, get } = await storedBlob(store);
    const answers = [await get({}), await fetch(endpoint, { method: 'POST' }), await fetch(`${blob}x`)];
    for (const answer of answers) expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const preflight = await fetch(blob, { method: 'OPTIONS', headers: { origin: 'https://chat.example' } });
    expect(preflight.status).toBe(204);
    const methods = preflight.headers.get('access-control-allow-methods') ?? '';
    const headers = (preflight.headers.get('access-control-allow-headers') ?? '').toLowerCase();
    for (const method of ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE']) expect(methods).toContain(method);
    for (const header of [
      'authorization',
      'range',
      'tus-resumable',
      'upload-offset',
      'upload-length',
      'content-type',
    ]) {
      expect(headers).toContain(header);
    }
  });

  it('ST-20 a refusal says its code in body and header', async () => {
    const { endpoint } = await startServer({}, store);
    const response = await fetch(endpoint, { method: 'POST', headers: { 'tus-resumable': '1.0.0' } });
    expect(await response.json()).toEqual({ error: { code: 'TokenInvalid', message: expect.any(String) as string } });
    expect(codeOf(response)).toBe('TokenInvalid');
    const outdated = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `Bearer ${await createToken()}`, 'upload-length': '1' },
    });
    expect([outdated.status, codeOf(outdated), outdated.headers.get('tus-version')]).toEqual([
      412,
      'Malformed',
      '1.0.0',
    ]);
  });
});
