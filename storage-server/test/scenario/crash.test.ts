import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Upload } from 'tus-js-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { programOf } from '../../../scripts/freshness.mjs';
import { startStorageServer, type S3Config } from '../../src/index.ts';
import {
  append,
  configFor,
  create,
  createBytes,
  createLog,
  createPlace,
  createToken,
  secret,
  startServer,
  STORES,
  tus,
  upload,
  type Place,
} from '../harness.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The server as a process of its own; resolves when it listens. */
async function spawnServer(
  { directory, s3 }: Place,
  port = 0,
): Promise<{ process: ChildProcess; port: number; endpoint: string }> {
  const child = spawn(process.execPath, await programOf('storage-server'), {
    cwd: ROOT,
    env: {
      ...process.env,
      SECURECHAT_STORAGE_TOKEN_SECRET: Buffer.from(secret).toString(),
      SECURECHAT_STORAGE_DATA: directory,
      SECURECHAT_STORAGE_PORT: String(port),
      SECURECHAT_STORAGE_SPARE_MIB: '0',
      ...(s3 && bucketSettings(s3.config)),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line) as { msg: string; port: number };
    if (said.msg === 'listening')
      return { process: child, port: said.port, endpoint: `http://127.0.0.1:${said.port}/files` };
  }
  throw new Error('the server ended before it listened');
}

function bucketSettings({ bucket, endpoint, accessKey, secretKey }: S3Config) {
  return {
    SECURECHAT_STORAGE_S3_BUCKET: bucket,
    SECURECHAT_STORAGE_S3_ENDPOINT: endpoint,
    SECURECHAT_STORAGE_S3_ACCESS_KEY: accessKey,
    SECURECHAT_STORAGE_S3_SECRET_KEY: secretKey,
  };
}

const expiresAt = Date.now() + 3_600_000;

describe.each(STORES)('after a crash, blobs in a %s', (store) => {
  it('ST-9 an upload goes on where the killed server was', async () => {
    const place = await createPlace(store);
    const bytes = createBytes(2_000_000);
    const token = await createToken({ expiresAt });
    let server = await spawnServer(place);
    const { port, endpoint } = server;
    const received: number[] = [];
    let killed: Promise<unknown> | undefined;
    const url = await new Promise<string>((resolve, reject) => {
      const task = new Upload(Buffer.from(bytes), {
        endpoint,
        chunkSize: 250_000,
        headers: { authorization: `Bearer ${token}` },
        retryDelays: Array<number>(50).fill(200),
        onError: reject,
        onSuccess: () => {
          resolve(task.url ?? '');
        },
        onChunkComplete: (_, accepted) => {
          received.push(accepted);
          killed ??= killAndRestart();
        },
      });
      async function killAndRestart() {
        server.process.kill('SIGKILL');
        await once(server.process, 'exit');
        server = await spawnServer(place, port);
      }
      task.start();
    });
    await killed;
    expect(received.at(0)).toBeLessThan(bytes.length);
    expect(received).toEqual([...received].sort((a, b) => a - b));
    expect(Buffer.compare(Buffer.from(await (await fetch(url)).arrayBuffer()), bytes)).toBe(0);
  });

  it('ST-10 a finished blob survives a kill right after the answer', async () => {
    const place = await createPlace(store);
    const bytes = createBytes(500_000);
    const first = await spawnServer(place);
    const url = await upload(first.endpoint, bytes, await createToken({ expiresAt }));
    first.process.kill('SIGKILL');
    await once(first.process, 'exit');
    const second = await spawnServer(place, first.port);
    expect(Buffer.compare(Buffer.from(await (await fetch(url)).arrayBuffer()), bytes)).toBe(0);
    second.process.kill('SIGTERM');
    expect(await once(second.process, 'exit')).toEqual([0, null]);
  });
});

describe('after a crash', () => {
  it('ST-10 ST-22 an upload whose last answer was lost is finished, by the start or by asking', async () => {
    const before = await startServer();
    const token = await createToken();
    const [lost, asked] = [await create(before.endpoint, 30, token), await create(before.endpoint, 40, token)];
    const contentOf = (url: string) => path.join(before.directory, 'content', url.slice(-32));
    await writeFile(contentOf(asked), createBytes(40));
    expect((await tus(asked, 'HEAD', token)).headers.get('upload-offset')).toBe('40');
    expect((await fetch(asked)).status).toBe(200);
    await writeFile(contentOf(lost), createBytes(30));
    await before.close();
    const after = await startServer({}, before.place);
    expect((await fetch(lost.replace(before.url, after.url))).status).toBe(200);
  });

  it('ST-22 strays are removed, entries without bytes dropped, a cut line ignored', async () => {
    const before = await startServer({ quotaBytes: 1000 });
    const token = await createToken();
    const urls = await Promise.all([1, 2, 3].map((seed) => upload(before.endpoint, createBytes(300, seed), token)));
    const content = path.join(before.directory, 'content');
    const [kept = '', gone = '', short = ''] = urls.map((url) => url.slice(-32));
    await before.close();
    await unlink(path.join(content, gone));
    await truncate(path.join(content, short), 10);
    await writeFile(path.join(content, 'S'.repeat(32)), 'stray');
    await appendFile(path.join(before.directory, 'ledger.jsonl'), '{"put":{"id":"cut off by a cr');
    const after = await startServer({ quotaBytes: 1000 }, before.place);
    expect(await readdir(content)).toEqual([kept]);
    const statuses = await Promise.all(
      urls.map(async (url) => (await fetch(url.replace(before.url, after.url))).status),
    );
    expect(statuses).toEqual([200, 404, 404]);
    await upload(after.endpoint, createBytes(700), token);
    expect(after.log.lines[0]).toContain('"lost":2,"strays":1');
  });

  it('ST-22 a ledger that is damaged in the middle stops the start', async () => {
    const { endpoint, directory, close } = await startServer();
    await append(await create(endpoint, 5, await createToken()), 0, createBytes(5), await createToken());
    await close();
    const file = path.join(directory, 'ledger.jsonl');
    await writeFile(file, `{"put":\n${await readFile(file, 'utf8')}`);
    await expect(startStorageServer(configFor(directory), createLog())).rejects.toThrow(
      'line 1 of the ledger is damaged',
    );
  });

  it('ST-22 blobs whose ledger is missing stop the start, and are not touched', async () => {
    const { endpoint, directory, close, kept } = await startServer();
    await upload(endpoint, createBytes(5), await createToken());
    await close();
    await unlink(path.join(directory, 'ledger.jsonl'));
    for (let tries = 0; tries < 2; tries++) {
      await expect(startStorageServer(configFor(directory), createLog())).rejects.toThrow('ledger that knows them');
    }
    expect(await kept()).toHaveLength(1);
  });
});
