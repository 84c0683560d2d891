import { beforeEach, expect, it, vi } from 'vitest';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import type { MediaFile } from './media-ref.ts';
import { Player } from './player.svelte.ts';
import { Streams } from './streams.ts';
import { WholeFiles } from './whole-files.ts';

class FakeAudio extends EventTarget {
  src = '';
  currentTime = 0;
  playbackRate = 1;

  play(): Promise<void> {
    this.dispatchEvent(new Event('play'));
    return Promise.resolve();
  }

  pause(): void {
    this.dispatchEvent(new Event('pause'));
  }

  removeAttribute(): void {
    this.src = '';
  }
}

const file = (recordId: string): MediaFile => ({
  ...{ chatId: 'c', recordId, index: 0 },
  about: { kind: 'voice', type: 'audio/webm', size: 3 },
});
const nothing = (): undefined => undefined;
let client: FakeClient;
let player: Player;

beforeEach(() => {
  vi.stubGlobal('Audio', FakeAudio);
  // Without a service worker, files are played as a whole.
  vi.stubGlobal('navigator', {});
  client = new FakeClient();
  client.on('mediaBytes', () => done({ bytes: Uint8Array.of(1, 2, 3) }));
  const app = new App(client);
  player = new Player(new WholeFiles(app), new Streams(app));
  return () => vi.unstubAllGlobals();
});

it('plays one at a time, and what is played again goes on', async () => {
  await player.toggle(file('1'), nothing);
  expect([player.isAt(file('1')), player.playing]).toEqual([true, true]);
  await player.toggle(file('1'), nothing);
  expect(player.playing).toBe(false);
  await player.toggle(file('1'), nothing);
  expect(player.playing).toBe(true);
  await player.toggle(file('2'), nothing);
  expect([player.isAt(file('1')), player.isAt(file('2'))]).toEqual([false, true]);
});

it('begins anew with what could not be played', async () => {
  client.on('mediaBytes', () => refused({ type: 'UnknownMedia' }));
  await player.toggle(file('1'), nothing);
  expect([player.failed, player.playing]).toEqual([true, false]);
  client.on('mediaBytes', () => done({ bytes: Uint8Array.of(1, 2, 3) }));
  await player.toggle(file('1'), nothing);
  expect([player.failed, player.playing]).toEqual([false, true]);
});
