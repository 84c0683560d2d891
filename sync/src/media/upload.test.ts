import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../ports/clock.ts';
import { type UploadInput, uploadBlob } from './upload.ts';

const SIZE = 2 * 4 * 1024 * 1024;

let server: Server;
let endpoint: string;
/** The methods of all requests. */
let asked: string[];
/** How bytes are taken; at first the line breaks under them. */
let patch: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  asked = [];
  patch = (request) => request.socket.destroy();
  server = createServer((request, response) => {
    asked.push(request.method ?? '');
    response.setHeader('tus-resumable', '1.0.0');
    if (request.method === 'POST') response.writeHead(201, { location: `${endpoint}/one` }).end();
    else if (request.method === 'HEAD') response.writeHead(200, { 'upload-offset': 0, 'upload-length': SIZE }).end();
    else patch(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

/** Takes all there is. */
function take(request: IncomingMessage, response: ServerResponse): void {
  let offset = Number(request.headers['upload-offset']);
  request.on('data', (bytes: Buffer) => (offset += bytes.length));
  request.on('end', () => response.writeHead(204, { 'upload-offset': offset }).end());
}

const bytes = (from: number, to: number): Promise<Uint8Array<ArrayBuffer>> =>
  Promise.resolve(new Uint8Array(to - from));

function upload(input: Partial<UploadInput> = {}): ReturnType<typeof uploadBlob> {
  return uploadBlob({
    ...{ endpoint, uploadUrl: undefined, size: SIZE, token: 'a', clock: systemClock, read: bytes },
    signal: new AbortController().signal,
    onCreated: () => Promise.resolve(),
    onProgress: () => undefined,
    ...input,
  });
}

describe('a new upload', () => {
  it('S-SEND-2 is made and sent without another question, and nothing is sent before it is noted where it is', async () => {
    patch = take;
    let isNoted = false;
    const read = (from: number, to: number): ReturnType<typeof bytes> => {
      expect(isNoted).toBe(true);
      return bytes(from, to);
    };
    const onCreated = async (url: string): Promise<void> => {
      expect(url).toBe(`${endpoint}/one`);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(asked).toEqual(['POST']);
      isNoted = true;
    };
    expect(await upload({ read, onCreated })).toEqual({ ok: true, value: `${endpoint}/one` });
    expect(asked).toEqual(['POST', 'PATCH', 'PATCH']);
  });

  it('S-SEND-2 that is stopped has been noted when that is told', async () => {
    const stop = new AbortController();
    let isNoted = false;
    const onCreated = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 30));
      isNoted = true;
    };
    const outcome = await upload({ onCreated, signal: stop.signal });
    expect([outcome, isNoted]).toEqual([{ ok: false, error: { type: 'Stopped' } }, true]);
    expect(asked).toEqual(['POST']);
  });

  it('S-SEND-2 that cannot be noted sends nothing', async () => {
    const onCreated = (): Promise<void> => Promise.reject(new Error('no store'));
    await expect(upload({ onCreated })).rejects.toThrow('no store');
    expect(asked).toEqual(['POST']);
  });
});

it('S-SEND-2 one that was begun goes on where the server has it, and is not made anew', async () => {
  patch = take;
  const onCreated = (): Promise<void> => Promise.reject(new Error('made anew'));
  const uploadUrl = `${endpoint}/one`;
  expect(await upload({ uploadUrl, onCreated })).toEqual({ ok: true, value: uploadUrl });
  expect(asked).toEqual(['HEAD', 'PATCH', 'PATCH']);
});

it('S-SEND-3 a line that breaks is that, whatever became of the bytes that would have come next', async () => {
  const read = (from: number, to: number): ReturnType<typeof bytes> =>
    from === 0 ? bytes(from, to) : Promise.reject(new Error('no disk'));
  expect(await upload({ read })).toEqual({ ok: false, error: { type: 'Lost' } });
});

it('S-SEND-3 bytes that cannot be read are no fault of the line', async () => {
  await expect(upload({ read: () => Promise.reject(new Error('no disk')) })).rejects.toThrow('no disk');
});
