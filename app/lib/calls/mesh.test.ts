/** Who is connected with whom, and told what, with connections by hand. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { FrameKey, GroupCallWire, GroupWirePeer } from '@securechat/sync/api';
import type { LinkOptions } from './call-link.ts';
import { limitsOf } from './limits.ts';
import { Mesh, type MeshLink } from './mesh.ts';

class HandLink implements MeshLink {
  readonly options: LinkOptions;
  readonly done: string[] = [];

  constructor(options: LinkOptions) {
    this.options = options;
  }
  receive({ payload }: { payload: string }): void {
    this.done.push(`receive ${payload}`);
  }
  setAudio({ id }: MediaStreamTrack): void {
    this.done.push(`audio ${id}`);
  }
  setVideo(track: MediaStreamTrack | undefined): void {
    this.done.push(`video ${track?.id ?? 'none'}`);
  }
  setLimits({ video }: { video: number }): void {
    this.done.push(`limit ${String(video)}`);
  }
  count(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  close(): void {
    this.done.push('close');
  }
}

const track = (id: string): MediaStreamTrack => ({ id }) as MediaStreamTrack;
const key = (id: number): FrameKey => ({ id, key: new Uint8Array(32).fill(id) });
const peer = (deviceId: string, rest: Partial<GroupWirePeer> = {}): GroupWirePeer => ({
  ...{
    deviceId,
    accountId: `of ${deviceId}`,
    stay: '1 1',
    offers: true,
    fingerprint: new Uint8Array(32).fill(1),
    signals: [],
    keys: [],
  },
  ...rest,
});
const wire = (...peers: readonly GroupWirePeer[]): GroupCallWire => ({
  callId: 'c',
  holder: 'tab',
  key: key(1),
  peers,
});
const offer = (n: number): GroupWirePeer['signals'][number] => ({ type: 'OFFER', payload: String(n), n });

let links: HandLink[];
let framed: string[];
let said: string[];
let changes: number;
let mesh: Mesh;

beforeEach(() => {
  [links, framed, said, changes] = [[], [], [], 0];
  mesh = new Mesh({
    certificate: {} as RTCCertificate,
    relayOnly: false,
    iceServers: () => Promise.resolve([]),
    audio: track('microphone'),
    video: undefined,
    limits: limitsOf(false, 'camera'),
    connect: (options) => {
      const link = new HandLink(options);
      links.push(link);
      return Promise.resolve(link);
    },
    frames: {
      seal: ({ id }) => framed.push(`seal ${String(id)}`),
      open: (from, keys) => framed.push(`open ${from} ${keys.map(({ id }) => id).join()}`),
      attach: (_connection, from) => ({ id: `stream of ${from}` }) as MediaStream,
      close: () => framed.push('close'),
    },
    send: (to, { payload }) => said.push(`${to} ${payload}`),
    ontaken: (from, n) => said.push(`taken ${from} ${String(n)}`),
    onchange: () => changes++,
  });
});

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const link = (i: number): HandLink => {
  const found = links[i];
  if (!found) throw new Error('no such connection');
  return found;
};

describe('who is connected', () => {
  it('MESH-1 each other device once, with this side offering where the engine says so', async () => {
    mesh.follow(wire(peer('a')));
    mesh.follow(wire(peer('a'), peer('b', { offers: false })));
    await settled();
    expect(links.map(({ options }) => options.offers)).toEqual([true, false]);
    expect([...mesh.peers]).toEqual([
      ['a', { state: 'connecting' }],
      ['b', { state: 'connecting' }],
    ]);
  });

  it('MESH-1 who leaves is let go, keys included, and may come back', async () => {
    mesh.follow(wire(peer('a', { keys: [key(4)] })));
    framed.length = 0;
    mesh.follow(wire());
    await settled();
    expect(link(0).done).toEqual(['close']);
    expect(framed).toEqual(['seal 1', 'open a ']);
    expect(mesh.peers.size).toBe(0);
    mesh.follow(wire(peer('a')));
    expect(links.length).toBe(2);
  });

  it('MESH-1 who comes anew is connected anew, counted from 1; what the old connection says no longer counts', async () => {
    mesh.follow(wire(peer('a', { signals: [offer(1), offer(2)] })));
    link(0).options.onstate('connected');
    mesh.follow(wire(peer('a', { stay: '1 2', signals: [offer(1)] })));
    await settled();
    expect(links.map(({ done }) => done)).toEqual([['receive 1', 'receive 2', 'close'], ['receive 1']]);
    link(0).options.onstate('lost');
    expect(mesh.peers.get('a')).toEqual({ state: 'connecting' });
  });

  it('MESH-1 all are connected anew when two calls became one: what they say is counted from 1 again', async () => {
    mesh.follow(wire(peer('a', { signals: [offer(1), offer(2)] })));
    mesh.follow({ ...wire(peer('a', { signals: [offer(1)] })), callId: 'smaller' });
    await settled();
    expect(links.map(({ done }) => done)).toEqual([['receive 1', 'receive 2', 'close'], ['receive 1']]);
  });

  it('is told, with what comes from each', async () => {
    mesh.follow(wire(peer('a')));
    const before = changes;
    const stream = { id: 's' } as MediaStream;
    link(0).options.onstream(stream);
    link(0).options.onstate('connected');
    expect(mesh.peers.get('a')).toEqual({ state: 'connected', stream });
    link(0).options.onstate('lost');
    expect(mesh.peers.get('a')).toEqual({ state: 'lost', stream });
    expect(changes - before).toBe(3);
    await settled();
  });
});

describe('what is told', () => {
  it('FRAME-6 keys go to those who seal and open, with every snapshot', () => {
    mesh.follow({ ...wire(peer('a', { keys: [key(4), key(5)] })), key: key(9) });
    expect(framed).toEqual(['seal 9', 'open a 4,5']);
    expect(link(0).options.attach?.({} as RTCPeerConnection)).toEqual({ id: 'stream of a' });
  });

  it('signals go to the connection of who said them, each once, and are taken', async () => {
    mesh.follow(wire(peer('a', { signals: [offer(1), offer(2)] }), peer('b', { signals: [offer(1)] })));
    mesh.follow(wire(peer('a', { signals: [offer(2), offer(3)] }), peer('b', { signals: [offer(1)] })));
    await settled();
    expect(link(0).done).toEqual(['receive 1', 'receive 2', 'receive 3']);
    expect(link(1).done).toEqual(['receive 1']);
    expect(said).toEqual(['taken a 2', 'taken b 1', 'taken a 3']);
    link(1).options.send({ type: 'ANSWER', payload: 'yes' });
    expect(said.at(-1)).toBe('b yes');
  });

  it('tracks and limits go to everybody, also to who comes later, and once', async () => {
    mesh.follow(wire(peer('a')));
    mesh.setAudio(track('headset'));
    const camera = track('camera');
    for (let i = 0; i < 2; i++) {
      mesh.setVideo(camera);
      mesh.setLimits({ ...limitsOf(false, 'camera'), video: 7 });
    }
    await settled();
    expect(link(0).done).toEqual(['audio headset', 'video camera', 'limit 7']);
    mesh.follow(wire(peer('a'), peer('b')));
    const { audio, video, limits } = link(1).options;
    expect([audio.id, video?.id, limits.video]).toEqual(['headset', 'camera', 7]);
    mesh.setVideo(undefined);
    await settled();
    expect(link(1).done).toEqual(['video none']);
  });
});

it('MESH-5 closed, it lets all go and takes nothing any more', async () => {
  mesh.follow(wire(peer('a'), peer('b')));
  mesh.close();
  mesh.close();
  await settled();
  expect(links.map(({ done }) => done)).toEqual([['close'], ['close']]);
  expect(framed.filter((word) => word === 'close').length).toBe(1);
  mesh.follow(wire(peer('c')));
  expect(links.length).toBe(2);
});
