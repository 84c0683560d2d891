import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRelay, type RunningRelay } from '../start.ts';
import { createWebRoot, type WebRoot } from './web-root.ts';

const above = mkdtempSync(join(tmpdir(), 'securechat-web-'));
const folder = join(above, 'build');
let root: WebRoot;

beforeAll(() => {
  mkdirSync(join(folder, '_app/immutable'), { recursive: true });
  writeFileSync(join(above, 'secret.txt'), 'outside');
  writeFileSync(join(folder, '.env'), 'hidden');
  writeFileSync(join(folder, 'index.html'), '<p>shell</p>');
  writeFileSync(join(folder, 'service-worker.js'), 'sw');
  writeFileSync(join(folder, '_app/immutable/a.js'), 'plain');
  writeFileSync(join(folder, '_app/immutable/a.js.br'), 'brotli');
  writeFileSync(join(folder, '_app/immutable/a.js.gz'), 'gzip');
  root = createWebRoot(folder);
});
afterAll(() => {
  rmSync(above, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  root(new Request(`http://x.test${path}`, { headers, method }));

describe('the web root', () => {
  it('R-WEB-1: gives the shell for / and every page address, not for missing files', async () => {
    for (const [path, accept] of [
      ['/', 'image/png'],
      ['/', '*/*'],
      ['/chat/abc', '*/*'],
      ['/chat/b.c', 'text/html,*/*'],
    ] as const) {
      expect(await (await get(path, { accept }))?.text()).toBe('<p>shell</p>');
    }
    expect(await get('/missing.png', { accept: '*/*' })).toBeUndefined();
    expect(await get('/chat/abc', { accept: 'application/json' })).toBeUndefined();
    expect(await get('/_app/immutable/gone.js', { accept: 'text/html' })).toBeUndefined();
    expect(await get('/', {}, 'POST')).toBeUndefined();
  });

  it('R-WEB-2: keeps hashed files for ever and has everything else revalidated', async () => {
    expect((await get('/_app/immutable/a.js'))?.headers.get('cache-control')).toBe(
      'public, max-age=31536000, immutable',
    );
    const worker = await get('/service-worker.js');
    expect(worker?.headers.get('cache-control')).toBe('no-cache');
    const etag = worker?.headers.get('etag') ?? '';
    expect((await get('/service-worker.js', { 'if-none-match': etag }))?.status).toBe(304);
    writeFileSync(join(folder, 'service-worker.js'), 'newer');
    expect((await get('/service-worker.js', { 'if-none-match': etag }))?.status).toBe(200);
  });

  it('R-WEB-3: sends the compressed twin that the browser takes', async () => {
    const take = async (encodings: string) => {
      const response = await get('/_app/immutable/a.js', { 'accept-encoding': encodings });
      return [response?.headers.get('content-encoding'), response?.headers.get('content-type'), await response?.text()];
    };
    const type = 'text/javascript; charset=utf-8';
    expect(await take('gzip, deflate, br')).toEqual(['br', type, 'brotli']);
    expect(await take('gzip')).toEqual(['gzip', type, 'gzip']);
    expect(await take('')).toEqual([null, type, 'plain']);
  });

  it('R-WEB-4: sends the headers that isolate the page', async () => {
    const headers = (await get('/'))?.headers;
    expect(Object.fromEntries(headers?.entries() ?? [])).toMatchObject({
      'content-security-policy': "frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=(self), microphone=(self)') as string,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  it('R-WEB-5: never leaves its folder and shows nothing hidden', async () => {
    symlinkSync(join(above, 'secret.txt'), join(folder, 'link.txt'));
    const paths = [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/a/..%5c..%5csecret.txt',
      '/.env',
      '/%00',
      '/%',
      '/link.txt',
    ];
    for (const path of paths)
      expect((await (await get(path, { accept: 'image/png' }))?.text()) ?? '').not.toMatch(/outside|hidden/);
  });

  it.each(['uws', 'ws'] as const)('R-WEB-6: stands beside the API on one port (%s)', async (transport) => {
    const relay: RunningRelay = await startRelay({ transport, webRoot: folder });
    const page = await fetch(relay.url);
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<p>shell</p>',
    ]);
    expect((await fetch(`${relay.url}/chat/1`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${relay.url}/healthz`)).headers.get('content-type')).toBe('application/json');
    expect((await fetch(`${relay.url}/v1/nothing`)).status).toBe(404);
    expect((await fetch(`${relay.url}/missing.png`)).status).toBe(404);
    await relay.close();
  });
});
