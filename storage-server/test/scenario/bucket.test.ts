/** What only a bucket can do to a server: be out of reach, fail in the middle, know things of its own. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sweep } from '../../src/expiry.ts';
import { openDesk, startStorageServer, type Limits } from '../../src/index.ts';
import {
  append,
  codeOf,
  configFor,
  create,
  createBytes,
  createClock,
  createLog,
  createPlace,
  createToken,
  startServer,
  tus,
  upload,
} from '../harness.ts';

const MiB = 1024 * 1024;

/** A server on a bucket, and the bucket. */
async function startOnBucket(limits: Partial<Limits> = {}) {
  const { s3, ...server } = await startServer(limits, 'bucket');
  if (s3 === undefined) throw new Error('there is no bucket');
  return { ...server, s3, token: await createToken() };
}

const offsetOf = async (url: string, token: string) =>
  Number((await tus(url, 'HEAD', token)).headers.get('upload-offset'));

describe('blobs in a bucket', () => {
  it('ST-9 nothing is kept that came after a part that failed, and the upload goes on in front of it', async () => {
    const { endpoint, s3, token } = await startOnBucket();
    const bytes = createBytes(25 * MiB);
    const url = await create(endpoint, bytes.length, token);
    s3.failingParts.add(2);
    expect(codeOf(await append(url, 0, bytes, token))).toBe('Internal');
    s3.failingParts.clear();
    expect(await offsetOf(url, token)).toBe(8 * MiB);
    expect((await append(url, 8 * MiB, bytes.subarray(8 * MiB), token)).status).toBe(204);
    expect(Buffer.compare(Buffer.from(await (await fetch(url)).arrayBuffer()), bytes)).toBe(0);
  });

  it('ST-12 ST-21 of a blob there is one object, of an upload what is here of it, and of neither anything after its end', async () => {
    const { endpoint, directory, kept, token } = await startOnBucket();
    const [whole, begun] = [await upload(endpoint, createBytes(100), token), await create(endpoint, 50, token)];
    await append(begun, 0, createBytes(20), token);
    const [finished, unfinished] = [whole.slice(-32), begun.slice(-32)];
    expect(await kept()).toEqual([finished, unfinished, `${unfinished}.part`].sort());
    const ledger = await readFile(path.join(directory, 'ledger.jsonl'), 'utf8');
    const last = ledger.split('\n').findLast((line) => line.includes(finished)) ?? '';
    expect(Object.keys((JSON.parse(last) as { put: object }).put)).not.toContain('multipart');
    for (const url of [whole, begun]) expect((await tus(url, 'DELETE', token)).status).toBe(204);
    expect(await kept()).toEqual([]);
  });

  it('ST-14 what the bucket would not let go of is removed by a later sweep', async () => {
    const { directory, s3, kept } = await createPlace('bucket');
    if (s3 === undefined) throw new Error('there is no bucket');
    const clock = createClock();
    const config = configFor(directory, {}, s3.config);
    const server = await startStorageServer(config, createLog(), clock);
    await append(await create(`${server.url}/files`, 50, await createToken()), 0, createBytes(20), await createToken());
    await server.close();
    const desk = await openDesk(config, createLog(), clock);
    onTestFinished(() => {
      desk.blobs.close();
    });
    clock.advance(25 * 3_600_000);
    s3.isDown = true;
    expect(await sweep(desk)).toEqual({ expired: 0, stuck: 1 });
    expect(await kept()).toHaveLength(2);
    s3.isDown = false;
    expect(await sweep(desk)).toEqual({ expired: 1, stuck: 0 });
    expect(await kept()).toEqual([]);
  });

  it('ST-20 a bucket that is out of reach is a fault, and no upload or blob looks gone', async () => {
    const { endpoint, s3, token } = await startOnBucket({ unfinished: 2 });
    const [whole, begun] = [await upload(endpoint, createBytes(100), token), await create(endpoint, 50, token)];
    s3.isDown = true;
    const answers = [
      await fetch(whole),
      await tus(begun, 'HEAD', token),
      await append(begun, 0, createBytes(9), token),
    ];
    expect(answers.map(codeOf)).toEqual(Array(3).fill('Internal'));
    expect((await tus(endpoint, 'POST', token, { headers: { 'upload-length': '5' } })).status).toBe(500);
    s3.isDown = false;
    expect((await tus(endpoint, 'POST', token, { headers: { 'upload-length': '5' } })).status).toBe(201);
    expect((await fetch(whole)).status).toBe(200);
    expect((await append(begun, 0, createBytes(50), token)).status).toBe(204);
  });

  it('ST-22 ledger and bucket agree after a crash: strays go, what is lost is dropped, the rest is as it was', async () => {
    const { endpoint, close, kept, place, s3, token } = await startOnBucket();
    const urls = await Promise.all([1, 2, 3].map((seed) => upload(endpoint, createBytes(300, seed), token)));
    const begun = await create(endpoint, 50, token);
    await append(begun, 0, createBytes(20), token);
    await create(endpoint, 70, token);
    await close();
    const [whole = '', gone = '', short = ''] = urls.map((url) => url.slice(-32));
    const fileOf = (name: string) => path.join(s3.directory, `${name}._S3rver_object`);
    await rm(fileOf(gone));
    await writeFile(fileOf(short), 'short');
    await writeFile(fileOf('S'.repeat(32)), 'stray');
    await writeFile(fileOf(`${'T'.repeat(32)}.part`), 'stray');
    const after = await startServer({}, place);
    expect(after.log.lines[0]).toContain('"lost":2,"strays":2');
    expect((await kept()).filter((name) => name.startsWith(whole) || name.startsWith(begun.slice(-32)))).toHaveLength(
      3,
    );
    expect(await kept()).toHaveLength(4);
    expect(await offsetOf(begun.replace(endpoint, after.endpoint), token)).toBe(20);
  });

  it('ST-22 a bucket with blobs and no ledger stops the start', async () => {
    const { endpoint, directory, close, kept, s3, token } = await startOnBucket();
    await upload(endpoint, createBytes(5), token);
    await close();
    await rm(path.join(directory, 'ledger.jsonl'));
    const start = startStorageServer(configFor(directory, {}, s3.config), createLog());
    await expect(start).rejects.toThrow('ledger that knows them');
    expect(await kept()).toHaveLength(1);
  });
});
