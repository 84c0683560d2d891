import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  append,
  codeOf,
  create,
  createBytes,
  createToken,
  refusalOf,
  startServer,
  STORES,
  tus,
  upload,
} from '../harness.ts';

describe.each(STORES)('uploading into a %s', (store) => {
  it('ST-9 ST-18 a blob comes back byte for byte', async () => {
    const { endpoint } = await startServer({}, store);
    const bytes = createBytes(3_000_000);
    const response = await fetch(await upload(endpoint, bytes, await createToken()));
    expect(response.headers.get('content-length')).toBe('3000000');
    expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), bytes)).toBe(0);
  });

  it('ST-9 an upload goes on after its connection broke', async () => {
    const { endpoint } = await startServer({}, store);
    const [bytes, token] = [createBytes(400_000), await createToken()];
    const url = await create(endpoint, bytes.length, token);
    const half = request(url, {
      method: 'PATCH',
      headers: {
        'tus-resumable': '1.0.0',
        authorization: `Bearer ${token}`,
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
        'content-length': bytes.length,
      },
    });
    half.on('error', () => undefined);
    await new Promise((sent) => half.write(bytes.subarray(0, 300_000), sent));
    half.destroy();
    const offset = Number((await tus(url, 'HEAD', token)).headers.get('upload-offset'));
    expect(offset).toBeLessThanOrEqual(300_000);
    expect((await append(url, offset, bytes.subarray(offset), token)).status).toBe(204);
    expect(Buffer.compare(Buffer.from(await (await fetch(url)).arrayBuffer()), bytes)).toBe(0);
  });

  it.each([
    ['no size', {}],
    ['an empty blob', { 'upload-length': '0' }],
    ['a size later', { 'upload-defer-length': '1' }],
    ['a file name', { 'upload-length': '5', 'upload-metadata': 'filename aG9saWRheS5qcGc=' }],
    ['a part of a parallel upload', { 'upload-length': '5', 'upload-concat': 'partial' }],
    ['a size that is no number', { 'upload-length': '5e3' }],
  ])('ST-4 %s is refused, and leaves nothing behind', async (_, headers) => {
    const { endpoint, kept } = await startServer({}, store);
    const response = await tus(endpoint, 'POST', await createToken(), { headers });
    expect([response.status, codeOf(response)]).toEqual([400, 'Malformed']);
    expect(await kept()).toEqual([]);
  });

  it('ST-5 a blob over the cap is refused before a byte of it is taken', async () => {
    const { endpoint } = await startServer({ blobBytes: 1000 }, store);
    await upload(endpoint, createBytes(1000), await createToken());
    const error: unknown = await upload(endpoint, createBytes(1001), await createToken()).catch((e: unknown) => e);
    expect(refusalOf(error)).toBe('TooLarge');
  });

  it('ST-6 the quota counts what is announced, at the same time too, and per account', async () => {
    const { endpoint } = await startServer({ quotaBytes: 1000 }, store);
    const token = await createToken();
    const sizes = Array.from({ length: 5 }, () => ({ headers: { 'upload-length': '400' } }));
    const codes = (await Promise.all(sizes.map((more) => tus(endpoint, 'POST', token, more)))).map(codeOf);
    expect(codes.filter((code) => code === 'none').length).toBe(2);
    expect(codes.filter((code) => code === 'QuotaExceeded').length).toBe(3);
    await upload(endpoint, createBytes(1000), await createToken({ owner: 'bob' }));
  });

  it('ST-6 an account has only so many blobs, and only so many unfinished ones', async () => {
    const { endpoint } = await startServer({ quotaBlobs: 3, unfinished: 1 }, store);
    const token = await createToken();
    const begun = await create(endpoint, 10, token);
    const second = await tus(endpoint, 'POST', token, { headers: { 'upload-length': '10' } });
    expect([second.status, codeOf(second)]).toEqual([429, 'TooManyUnfinished']);
    await append(begun, 0, createBytes(10), token);
    await upload(endpoint, createBytes(10), token);
    await upload(endpoint, createBytes(10), token);
    expect(codeOf(await tus(endpoint, 'POST', token, { headers: { 'upload-length': '10' } }))).toBe('QuotaExceeded');
  });

  it('ST-7 a full disk refuses, and harms nothing that is there', async () => {
    const { endpoint, kept } = await startServer({}, store);
    const token = await createToken();
    const url = await upload(endpoint, createBytes(50), token);
    const full = await startServer({ spareBytes: Number.MAX_SAFE_INTEGER }, store);
    const refused = await tus(full.endpoint, 'POST', token, { headers: { 'upload-length': '10' } });
    expect([refused.status, codeOf(refused)]).toEqual([507, 'DiskFull']);
    expect(await full.kept()).toEqual([]);
    expect(await kept()).toEqual([url.slice(-32)]);
    expect((await fetch(url)).status).toBe(200);
  });

  it('ST-8 the location is relative to where it was posted to', async () => {
    const { endpoint } = await startServer({}, store);
    const response = await tus(endpoint, 'POST', await createToken(), { headers: { 'upload-length': '5' } });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toMatch(/^files\/[A-Za-z0-9_-]{32}$/);
  });

  it('ST-11 bytes go only where the upload is, and only as many as were announced', async () => {
    const { endpoint } = await startServer({}, store);
    const token = await createToken();
    const url = await create(endpoint, 10, token);
    expect((await append(url, 0, createBytes(4), token)).headers.get('upload-offset')).toBe('4');
    for (const offset of [0, 3, 5, 10])
      expect(codeOf(await append(url, offset, createBytes(2), token))).toBe('OffsetConflict');
    expect(codeOf(await append(url, 4, createBytes(7), token))).toBe('TooLarge');
    expect((await append(url, 4, createBytes(6), token)).status).toBe(204);
    expect(codeOf(await append(url, 0, createBytes(10), token))).toBe('OffsetConflict');
  });

  it('ST-12 termination frees bytes and quota, finished or not', async () => {
    const { endpoint, kept } = await startServer({ quotaBytes: 100 }, store);
    const token = await createToken();
    const finished = await upload(endpoint, createBytes(60), token);
    const begun = await create(endpoint, 40, token);
    expect((await tus(finished, 'DELETE', token)).status).toBe(204);
    expect((await tus(begun, 'DELETE', token)).status).toBe(204);
    expect(await kept()).toEqual([]);
    expect(codeOf(await fetch(finished))).toBe('NotFound');
    expect(codeOf(await tus(begun, 'HEAD', token))).toBe('NotFound');
    await upload(endpoint, createBytes(100), token);
  });

  it('ST-23 a large body that is refused still gets its refusal', async () => {
    const { endpoint } = await startServer({}, store);
    const url = await create(endpoint, 8_000_000, await createToken());
    const response = await append(url, 5, createBytes(8_000_000), await createToken());
    expect(codeOf(response)).toBe('OffsetConflict');
    expect((await append(url, 0, createBytes(8_000_000), await createToken())).status).toBe(204);
  });
});
