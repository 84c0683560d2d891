import { beforeEach, expect, it, vi } from 'vitest';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { Recorder } from './recorder.svelte.ts';

/** A microphone that the browser has not given yet. */
interface Asked {
  give(): void;
  readonly close: () => void;
}

let client: FakeClient;
let recorder: Recorder;
let asked: Asked[];
let stopped: (() => void)[];

beforeEach(() => {
  vi.useFakeTimers();
  client = new FakeClient();
  [asked, stopped] = [[], []];
  const preparer = { waveform: () => Promise.resolve(undefined) };
  recorder = new Recorder(new App(client), preparer, 'chat', () => {
    const close = vi.fn();
    const stop = (): Promise<Blob> =>
      new Promise((resolve) => stopped.push(() => resolve(new Blob(['sound'], { type: 'audio/webm' }))));
    return new Promise((resolve) => {
      asked.push({ give: () => resolve({ ok: true, value: { level: 0.5, stop, close } }), close });
    });
  });
  return () => vi.useRealTimers();
});

async function record(): Promise<void> {
  const started = recorder.start();
  asked.at(-1)?.give();
  await started;
  await vi.advanceTimersByTimeAsync(2000);
}

async function stop(): Promise<void> {
  const stopping = recorder.stop();
  stopped.at(-1)?.();
  await stopping;
}

it('sends what was recorded, and has it again when the engine refuses', async () => {
  client.on('sendMedia', () => refused({ type: 'StorageFull' }));
  await record();
  await stop();
  expect([recorder.state, recorder.length]).toEqual(['recorded', 2000]);
  expect(await recorder.send('reply')).toBe(false);
  expect(recorder.state).toBe('recorded');
  client.on('sendMedia', () => done(null));
  expect(await recorder.send()).toBe(true);
  expect(recorder.state).toBe('idle');
  const item = { kind: 'voice', type: 'audio/webm', duration: 2000 };
  expect(client.inputs('sendMedia')[1]).toMatchObject({ chatId: 'chat', items: [item] });
});

it('closes the microphone of a recording that was discarded while the browser asked, and keeps the next one', async () => {
  const first = recorder.start();
  recorder.discard();
  const second = recorder.start();
  asked[0]?.give();
  await first;
  expect(recorder.state).toBe('asking');
  expect(asked[0]?.close).toHaveBeenCalledOnce();
  asked[1]?.give();
  await second;
  expect(recorder.state).toBe('recording');
  expect(asked[1]?.close).not.toHaveBeenCalled();
  recorder.discard();
  expect(asked[1]?.close).toHaveBeenCalledOnce();
});

it('what is discarded while it ends is gone, and so is a slip of a finger', async () => {
  await record();
  const stopping = recorder.stop();
  recorder.discard();
  stopped[0]?.();
  await stopping;
  expect([recorder.state, recorder.recording]).toEqual(['idle', undefined]);
  const started = recorder.start();
  asked[1]?.give();
  await started;
  await vi.advanceTimersByTimeAsync(100);
  const slip = recorder.stop();
  stopped[1]?.();
  await slip;
  expect([recorder.state, recorder.recording]).toEqual(['idle', undefined]);
});
