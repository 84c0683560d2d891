import { describe, expect, it } from 'vitest';
import {
  append,
  codeOf,
  create,
  createBytes,
  createToken,
  refusalOf,
  START,
  startServer,
  tus,
  upload,
} from '../harness.ts';

describe('who may do what', () => {
  it.each([
    ['of another secret', { secret: new Uint8Array(32).fill(8) }],
    ['for another audience', { audience: 'securechat-relay' }],
    ['that has expired', { expiresAt: START - 1000 }],
    ['without an owner', { owner: '' }],
  ])('ST-1 a token %s is refused', async (_, claims) => {
    const { endpoint } = await startServer();
    const error: unknown = await upload(endpoint, createBytes(10), await createToken(claims)).catch((e: unknown) => e);
    expect(refusalOf(error)).toBe('TokenInvalid');
  });

  it('ST-1 no token, or another scheme, is refused, whatever the request', async () => {
    const { endpoint } = await startServer();
    const url = await create(endpoint, 10, await createToken());
    for (const [at, method] of [
      [endpoint, 'POST'],
      [url, 'PATCH'],
      [url, 'HEAD'],
      [url, 'DELETE'],
    ] as const) {
      const headers = { 'tus-resumable': '1.0.0', authorization: 'Basic YTpi' };
      const response = await fetch(at, { method, headers });
      expect([response.status, codeOf(response)]).toEqual([401, 'TokenInvalid']);
    }
  });

  it('ST-1 a token that runs out during an upload stops it; a new one goes on', async () => {
    const { endpoint, clock } = await startServer();
    const bytes = createBytes(20);
    const url = await create(endpoint, 20, await createToken());
    await append(url, 0, bytes.subarray(0, 8), await createToken());
    clock.advance(3_700_000);
    expect(codeOf(await append(url, 8, bytes.subarray(8), await createToken()))).toBe('TokenInvalid');
    const fresh = await createToken({ expiresAt: clock.now() + 60_000 });
    expect((await append(url, 8, bytes.subarray(8), fresh)).status).toBe(204);
    expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).toEqual(bytes);
  });

  it("ST-2 somebody else's token does not append, ask or terminate", async () => {
    const { endpoint } = await startServer();
    const url = await create(endpoint, 10, await createToken());
    const mallory = await createToken({ owner: 'mallory' });
    const answers = [
      await append(url, 0, createBytes(10), mallory),
      await tus(url, 'HEAD', mallory),
      await tus(url, 'DELETE', mallory),
    ];
    expect(answers.map((response) => [response.status, codeOf(response)])).toEqual(Array(3).fill([403, 'NotYours']));
    expect((await append(url, 0, createBytes(10), await createToken())).status).toBe(204);
  });

  it('ST-3 whoever knows the name may download, and names are unlike each other', async () => {
    const { endpoint } = await startServer();
    const token = await createToken();
    const urls = await Promise.all([1, 2, 3].map((seed) => upload(endpoint, createBytes(30, seed), token)));
    expect(new Set(urls).size).toBe(3);
    for (const url of urls) expect(url).toMatch(/\/files\/[A-Za-z0-9_-]{32}$/);
    expect((await fetch(urls[0] ?? '')).status).toBe(200);
    expect(codeOf(await fetch(`${endpoint}/${'A'.repeat(32)}`))).toBe('NotFound');
  });

  it.each(['..%2F..%2Fledger.jsonl', '../ledger.jsonl', 'ledger.jsonl', '', 'A'.repeat(33), '%00'])(
    'ST-3 %j is no name and never reaches the disk',
    async (name) => {
      const { url } = await startServer();
      expect(codeOf(await fetch(`${url}/files/${name}`))).toBe('NotFound');
    },
  );
});
