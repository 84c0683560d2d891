import { afterEach, describe, expect, it } from 'vitest';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { ClientApi, Connection, WatchName } from '../api.ts';
import { EngineFailure, connectPage } from './page.ts';
import { serveEngine, type ServedEngine } from './engine.ts';
import type { Pipe } from './wire.ts';

/** An engine that records what it is asked and lets the test publish. */
function createRecordingEngine(): {
  api: ClientApi;
  calls: unknown[];
  watches: Map<WatchName, (value: never) => void>;
  stopped: WatchName[];
} {
  const calls: unknown[] = [];
  const watches = new Map<WatchName, (value: never) => void>();
  const stopped: WatchName[] = [];
  const api: ClientApi = {
    call: (name, input) => {
      calls.push({ name, input });
      if (name === 'reconnect') return Promise.reject(new RangeError('secret detail'));
      return Promise.resolve({ ok: true, value: null }) as never;
    },
    watch: (name, _args, onValue) => {
      watches.set(name, onValue as (value: never) => void);
      return () => stopped.push(name);
    },
  };
  return { api, calls, watches, stopped };
}

const portPipe = (port: MessagePort): Pipe => ({
  send: (message) => {
    port.postMessage(message);
  },
  listen(onMessage) {
    port.on('message', onMessage);
    return () => port.off('message', onMessage);
  },
});

const connection = (waiting: number): Connection => ({ state: 'online', waiting });
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A page and a served engine with a real MessageChannel between. `serve` starts a further engine on the same pipe. */
function createPair() {
  const { port1, port2 } = new MessageChannel();
  cleanups.push(() => {
    port1.close();
    port2.close();
  });
  let served: ServedEngine | undefined;
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  port2.on('message', (value: unknown) => served?.receive(value));
  const serve = (engine: ClientApi, term: string): void => {
    const send = (message: unknown): void => {
      port2.postMessage(message);
    };
    served = serveEngine(engine, { term, openLine: () => ({ send, close: () => undefined }), gone: () => left });
    send({ type: 'up', term });
  };
  return { page: connectPage(portPipe(port1), 'page-1'), serve, port1, port2, leave: () => leave() };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('calls', () => {
  it('carries a call and its answer', async () => {
    const { page, serve } = createPair();
    const engine = createRecordingEngine();
    serve(engine.api, 'term-1');
    await expect(page.call('setDraft', { chatId: 'c', text: 'hi' })).resolves.toEqual({ ok: true, value: null });
    expect(engine.calls).toEqual([{ name: 'setDraft', input: { chatId: 'c', text: 'hi' } }]);
  });

  it('keeps a call until an engine is up', async () => {
    const { page, serve } = createPair();
    const answer = page.call('lock', null);
    await settled();
    serve(createRecordingEngine().api, 'term-1');
    await expect(answer).resolves.toEqual({ ok: true, value: null });
  });

  it('sends an unanswered call to the next engine', async () => {
    const { page, serve } = createPair();
    const deaf: ClientApi = { call: () => new Promise(() => undefined), watch: () => () => undefined };
    serve(deaf, 'term-1');
    const answer = page.call('lock', null);
    await settled();
    serve(createRecordingEngine().api, 'term-2');
    await expect(answer).resolves.toEqual({ ok: true, value: null });
  });

  it('rejects with the name, not the text, of an error that the engine threw', async () => {
    const { page, serve } = createPair();
    serve(createRecordingEngine().api, 'term-1');
    const failure = await page.call('reconnect', null).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EngineFailure);
    expect(String(failure)).toBe('EngineFailure: RangeError');
  });
});

describe('watches', () => {
  it('publishes each snapshot and stops when let go', async () => {
    const { page, serve } = createPair();
    const engine = createRecordingEngine();
    serve(engine.api, 'term-1');
    const seen: Connection[] = [];
    const stop = page.watch('connection', null, (value) => seen.push(value));
    await settled();
    engine.watches.get('connection')?.(connection(1) as never);
    engine.watches.get('connection')?.(connection(2) as never);
    await settled();
    stop();
    await settled();
    engine.watches.get('connection')?.(connection(3) as never);
    await settled();
    expect(seen).toEqual([connection(1), connection(2)]);
    expect(engine.stopped).toEqual(['connection']);
  });

  it('is established again with the next engine, and ignores late snapshots of the old one', async () => {
    const { page, serve, port2 } = createPair();
    serve(createRecordingEngine().api, 'term-1');
    const seen: Connection[] = [];
    page.watch('connection', null, (value) => seen.push(value));
    await settled();
    const next = createRecordingEngine();
    serve(next.api, 'term-2');
    await settled();
    port2.postMessage({ type: 'snapshot', term: 'term-1', id: 'page-1.1', value: connection(7) });
    next.watches.get('connection')?.(connection(8) as never);
    await settled();
    expect(seen).toEqual([connection(8)]);
  });

  it('ends with the page', async () => {
    const { page, serve, leave } = createPair();
    const engine = createRecordingEngine();
    serve(engine.api, 'term-1');
    page.watch('phase', null, () => undefined);
    page.watch('alarms', null, () => undefined);
    await settled();
    leave();
    await settled();
    expect(engine.stopped).toEqual(['phase', 'alarms']);
  });

  it('gives an unchanged avatar back as the same reference and carries it once', async () => {
    const { page, serve, port1 } = createPair();
    const engine = createRecordingEngine();
    serve(engine.api, 'term-1');
    const seen: unknown[] = [];
    const carried: unknown[] = [];
    port1.on('message', (message) => carried.push(message));
    page.watch('profile', null, (value) => seen.push(value.avatar?.bytes));
    await settled();
    const avatar = { bytes: new Uint8Array([1, 2, 3]), type: 'image/webp' };
    engine.watches.get('profile')?.({ name: 'Ann', avatar } as never);
    engine.watches.get('profile')?.({ name: 'Anna', avatar } as never);
    await settled();
    expect(seen[0]).toEqual(new Uint8Array([1, 2, 3]));
    expect(seen[1]).toBe(seen[0]);
    expect(JSON.stringify(carried.at(-1))).not.toContain('value":{"0"');
  });
});

describe('what is not understood', () => {
  it.each([undefined, null, 7, 'up', {}, { type: 'up' }, { type: 'snapshot', term: 't' }, { type: 'answer', id: 'x' }])(
    'is dropped by the page: %j',
    async (value) => {
      const { page, serve, port2 } = createPair();
      serve(createRecordingEngine().api, 'term-1');
      port2.postMessage(value);
      await expect(page.call('lock', null)).resolves.toEqual({ ok: true, value: null });
    },
  );

  it.each([
    { type: 'call', client: 'p', id: '1', name: 'toString', input: null },
    { type: 'call', client: 'p', id: 1, name: 'lock', input: null },
    { type: 'watch', client: 'p', id: '1', name: 'secrets', args: null },
    { type: 'hello' },
    null,
  ])('is dropped by the engine: %j', async (value) => {
    const { page, serve, port1 } = createPair();
    const engine = createRecordingEngine();
    serve(engine.api, 'term-1');
    port1.postMessage(value);
    await page.call('lock', null);
    expect(engine.calls).toEqual([{ name: 'lock', input: null }]);
    expect(engine.watches.size).toBe(0);
  });
});
