import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createStorageServer, openDesk } from '../../src/index.ts';
import {
  append,
  configFor,
  create,
  createBytes,
  createLog,
  createToken,
  startServer,
  STORES,
  temporaryFolder,
  tus,
  upload,
} from '../harness.ts';

it('ST-21 what is kept of a blob is its name, bytes, pseudonym, size and two times', async () => {
  const { endpoint, directory, log, url, close } = await startServer();
  const token = await createToken({ owner: 'CANARY-owner' });
  const blob = await upload(endpoint, createBytes(100), token);
  const name = blob.slice(-32);
  await tus(blob, 'PATCH', token, { headers: { 'upload-metadata': 'filename Q0FOQVJZ' } });
  await append(await create(endpoint, 50, token), 0, createBytes(20), token);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  await close();
  const ledger = (await readFile(path.join(directory, 'ledger.jsonl'), 'utf8')).trim().split('\n');
  const put = expect.objectContaining({ id: name, owner: 'CANARY-owner', size: 100 }) as object;
  const entries = ledger.map((line) => (JSON.parse(line) as { put: object }).put);
  expect(entries).toContainEqual(put);
  for (const entry of entries) {
    const known = ['id', 'owner', 'size', 'createdAt', 'finishedAt'];
    expect(Object.keys(entry).filter((key) => !known.includes(key))).toEqual([]);
  }
  expect((await readdir(directory)).sort()).toEqual(['content', 'ledger.jsonl']);
  const said = [metrics, ...log.lines].join('\n');
  for (const secret of [name, 'CANARY', token, '127.0.0.1', directory]) expect(said).not.toContain(secret);
  expect(metrics).toContain('securechat_storage_blob_events_total{event="finished"} 1');
  expect(metrics).toContain('securechat_storage_received_bytes_total 120');
});

it('ST-24 health is answered to anybody, metrics to whoever has the token', async () => {
  const { fetch, close } = await openServer();
  const ask = (pathname: string, headers = {}) => fetch(new Request(`http://storage${pathname}`, { headers }));
  expect(await (await ask('/healthz')).text()).toBe('ok\n');
  expect((await ask('/metrics')).status).toBe(401);
  expect((await ask('/metrics', { authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await ask('/metrics', { authorization: 'Bearer let me see' })).status).toBe(200);
  await close();
});

it.each(STORES)('ST-24 health says when the %s is out of reach', async (store) => {
  const { url, directory, s3 } = await startServer({}, store);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  if (s3 === undefined) await rm(path.join(directory, 'content'), { recursive: true });
  else s3.isDown = true;
  expect((await fetch(`${url}/healthz`)).status).toBe(503);
});

async function openServer() {
  const desk = await openDesk(configFor(await temporaryFolder()), createLog());
  return { fetch: createStorageServer(desk, 'let me see'), close: () => desk.ledger.close() };
}
