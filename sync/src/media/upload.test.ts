import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PIECE, uploadBlob, type UploadInput } from './upload.ts';

/** A line that breaks under the first bytes: an upload is created, and then nothing is taken. */
let server: Server;
let endpoint: string;

beforeEach(async () => {
  server = createServer((request, response) => {
    response.setHeader('tus-resumable', '1.0.0');
    if (request.method === 'POST') response.writeHead(201, { location: `${endpoint}/one` }).end();
    else if (request.method === 'HEAD')
      response.writeHead(200, { 'upload-offset': 0, 'upload-length': 2 * PIECE }).end();
    else request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function upload(read: UploadInput['read']): ReturnType<typeof uploadBlob> {
  return uploadBlob({
    ...{ endpoint, uploadUrl: undefined, size: 2 * PIECE, token: 'a', read, signal: new AbortController().signal },
    onCreated: () => Promise.resolve(),
    onProgress: () => undefined,
  });
}

it('S-SEND-3 a line that breaks is that, whatever became of the bytes that would have come next', async () => {
  const outcome = await upload((from) =>
    from === 0 ? Promise.resolve(new Uint8Array(PIECE)) : Promise.reject(new Error('no disk')),
  );
  expect(outcome).toEqual({ ok: false, error: { type: 'Lost' } });
});

it('S-SEND-3 bytes that cannot be read are no fault of the line', async () => {
  await expect(upload(() => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
});
