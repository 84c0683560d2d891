import { HTTP_STATUS, type HttpCode } from '@securechat/relay-protocol';
import { describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpRequest, RelayLink } from '../ports/relay-link.ts';
import { Directory } from './directory.ts';

const URL = 'https://relay.test';

function directoryOver(answer: (request: HttpRequest) => Promise<HttpAnswer>): Directory {
  const link: RelayLink = {
    openSocket: () => {
      throw new Error('no sockets here');
    },
    request: (_url, request) => answer(request),
  };
  return new Directory(link);
}

function answering(status: number, body: unknown): Directory {
  return directoryOver(() => Promise.resolve({ status, body }));
}

describe('directory', () => {
  it('S-DIRECTORY-1 asks as the wire wants it: method, path, token, and a body on everything but a GET', async () => {
    const asked: HttpRequest[] = [];
    const directory = directoryOver((request) => {
      asked.push(request);
      return Promise.resolve({ status: 200, body: {} });
    });
    await directory.ask(URL, 'putHandle', { token: 't', body: { handle: 'ann' } });
    await directory.ask(URL, 'deleteHandle', { token: 't' });
    await directory.ask(URL, 'handle', { path: { handle: 'ann' } });
    expect(asked).toEqual([
      { method: 'PUT', path: '/v1/handle', token: 't', body: { handle: 'ann' } },
      { method: 'DELETE', path: '/v1/handle', token: 't', body: {} },
      { method: 'GET', path: '/v1/handles/ann' },
    ]);
  });

  it('S-DIRECTORY-2 no answer at all is Offline', async () => {
    const directory = directoryOver(() => Promise.reject(new TypeError('Failed to fetch')));
    expect(await directory.ask(URL, 'countPreKeys', { token: 't' })).toEqual({ ok: false, error: { type: 'Offline' } });
  });

  it('S-DIRECTORY-3 each of the relay’s refusals keeps its name', async () => {
    for (const [code, status] of Object.entries(HTTP_STATUS)) {
      const answer = await answering(status, { error: { code, message: 'because' } }).ask(URL, 'countPreKeys');
      expect(answer).toEqual({ ok: false, error: { type: code as HttpCode } });
    }
  });

  it('S-DIRECTORY-4 what is no answer of this protocol is Unintelligible, with any status', async () => {
    const unintelligible = { ok: false, error: { type: 'Unintelligible' } };
    for (const body of [undefined, null, 'hello', {}, { oneTime: -1 }, { oneTime: '5' }])
      expect(await answering(200, body).ask(URL, 'countPreKeys')).toEqual(unintelligible);
    for (const body of [undefined, 'a proxy’s page', { error: { code: 'NoSuchCode', message: '' } }])
      expect(await answering(502, body).ask(URL, 'countPreKeys')).toEqual(unintelligible);
  });

  it('answers with what was parsed', async () => {
    expect(await answering(200, { oneTime: 7 }).ask(URL, 'countPreKeys')).toEqual({ ok: true, value: { oneTime: 7 } });
  });
});
