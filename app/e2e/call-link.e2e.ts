/** The connection of a call by itself: both of its ends in one page, with nothing between them but what they say. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { PageScript } from './world/bundle.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();

/** Makes two ends out of what the app has, and notes what they say, every connection, and what became of them. */
const SCRIPT = new PageScript(
  'ends',
  `
  import { CallLink } from '../../app/lib/calls/call-link.ts';
  import { createIdentity, fingerprintOf } from '../../app/lib/calls/identity.ts';
  import { limitsOf } from '../../app/lib/calls/limits.ts';
  const connections = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(config) { super(config); connections.push({ connection: this, config }); }
  };
  const sound = () => {
    const context = new AudioContext();
    const tone = new OscillatorNode(context);
    const out = new MediaStreamAudioDestinationNode(context);
    tone.connect(out);
    tone.start();
    return out.stream.getAudioTracks()[0];
  };
  const picture = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 120 });
    const pen = canvas.getContext('2d');
    setInterval(() => { pen.fillStyle = 'hsl(' + Date.now() % 360 + ' 80% 50%)'; pen.fillRect(0, 0, 160, 120); }, 40);
    return canvas.captureStream(25).getVideoTracks()[0];
  };
  const end = async (name, other, videoAtFirst) => {
    const identity = await createIdentity();
    const states = [], said = [], streams = [];
    const self = { identity, states, said, streams };
    self.link = new CallLink({
      offers: name === 'caller', certificate: identity.certificate, relayOnly: false, iceServers: async () => [],
      audio: sound(), video: videoAtFirst ? picture() : undefined, limits: limitsOf(false, 'camera'),
      send: (signal) => { said.push(signal); setTimeout(() => ends[other].link.receive(signal), 3); },
      onstate: (state) => states.push(state), onstream: (stream) => streams.push(stream),
    });
    return self;
  };
  const ends = { connections, picture, fingerprintOf };
  globalThis.ends = ends;
  globalThis.connect = async (callerShows, calleeShows) => {
    ends.callee = await end('callee', 'caller', calleeShows);
    ends.caller = await end('caller', 'callee', callerShows);
  };`,
);

interface End {
  readonly identity: { readonly fingerprint: Uint8Array };
  readonly states: readonly string[];
  readonly said: readonly { readonly type: string; readonly payload: string }[];
  readonly link: {
    count(): Promise<{ readonly frames: number; readonly sounds: number; readonly bytes: number } | undefined>;
    setVideo(track: MediaStreamTrack | undefined): void;
    close(): void;
  };
}
type Inside = typeof globalThis & {
  connect(callerShows: boolean, calleeShows: boolean): Promise<void>;
  ends: Readonly<Record<'caller' | 'callee', End>> & {
    readonly connections: { readonly connection: RTCPeerConnection; readonly config?: RTCConfiguration }[];
    picture(): MediaStreamTrack;
    fingerprintOf(sdp: string): Uint8Array | undefined;
  };
};

let page: Page;

beforeAll(async () => {
  const person = await world().arrive('Both');
  await person.goto('/');
  ({ page } = person);
  await SCRIPT.runIn(page);
});

const counts = (end: 'caller' | 'callee'): ReturnType<End['link']['count']> =>
  page.evaluate((name) => (globalThis as Inside).ends[name].link.count(), end);

async function connect(callerShows: boolean, calleeShows: boolean): Promise<void> {
  await page.evaluate(([a, b]) => (globalThis as Inside).connect(a, b), [callerShows, calleeShows] as const);
  await states(['connected']);
}

/** Waits until both ends have gone through exactly these. */
async function states(wanted: readonly string[]): Promise<void> {
  await page.waitForFunction((expected) => {
    const { caller, callee } = (globalThis as Inside).ends;
    return [caller, callee].every((end) => end.states.join() === expected);
  }, wanted.join());
}

/** Waits until more than before comes in at an end. */
async function grows(end: 'caller' | 'callee', what: 'frames' | 'sounds'): Promise<void> {
  const before = (await counts(end))?.[what] ?? 0;
  await expect.poll(async () => (await counts(end))?.[what] ?? 0, { timeout: 20_000 }).toBeGreaterThan(before + 5);
}

it('sound and picture come both ways, over connections that know no server', async () => {
  await connect(true, true);
  for (const end of ['caller', 'callee'] as const) {
    await grows(end, 'sounds');
    await grows(end, 'frames');
  }
  const used = await page.evaluate(() =>
    (globalThis as Inside).ends.connections
      .filter(({ connection }) => connection.localDescription !== null)
      .map(({ config }) => config?.iceServers ?? ['those of PeerJS']),
  );
  expect(used).toEqual([[], []]);
});

it('each end’s description carries the fingerprint that it announced, and no other one', async () => {
  const all = await page.evaluate(() => {
    const { caller, callee, fingerprintOf } = (globalThis as Inside).ends;
    return [caller, callee].map(({ said, identity }) => {
      const described = said.filter(({ type }) => type === 'OFFER' || type === 'ANSWER');
      const words = described.map(({ payload }) => (JSON.parse(payload) as { sdp: { sdp: string } }).sdp.sdp);
      return {
        announced: [...identity.fingerprint].join(),
        said: words.map((sdp) => (fingerprintOf(sdp) ?? []).join()),
        counts: words.map((sdp) => new Set(sdp.match(/^a=fingerprint:.*$/gm)).size),
      };
    });
  });
  for (const { announced, said, counts: different } of all) {
    expect(said).toEqual([announced]);
    expect(different).toEqual([1]);
  }
});

it('a connection that broke is made anew by the caller, with the same tracks', async () => {
  await page.evaluate(() =>
    (globalThis as Inside).ends.connections
      .findLast(({ connection }) => connection.localDescription?.type === 'answer')
      ?.connection.close(),
  );
  await page.waitForFunction(() => (globalThis as Inside).ends.caller.states.join() === 'connected,lost,connected');
  for (const end of ['caller', 'callee'] as const) await grows(end, 'frames');
});

it('a picture that goes on later needs no new description, and none comes once it is off', async () => {
  await page.evaluate(() => {
    const { caller, callee } = (globalThis as Inside).ends;
    for (const { link } of [caller, callee]) link.close();
  });
  await connect(false, false);
  await grows('callee', 'sounds');
  expect((await counts('callee'))?.frames).toBe(0);
  const described = await descriptions();
  await page.evaluate(() => {
    const { caller, picture } = (globalThis as Inside).ends;
    caller.link.setVideo(picture());
  });
  await grows('callee', 'frames');
  expect(await descriptions()).toBe(described);
  expect((await counts('caller'))?.frames).toBe(0);
  await page.evaluate(() => (globalThis as Inside).ends.caller.link.setVideo(undefined));
  await expect
    .poll(async () => {
      const before = await counts('callee');
      await page.waitForTimeout(400);
      const after = await counts('callee');
      return (after?.frames ?? 0) - (before?.frames ?? 0);
    })
    .toBe(0);
});

function descriptions(): Promise<number> {
  return page.evaluate(() => {
    const { caller, callee } = (globalThis as Inside).ends;
    return [...caller.said, ...callee.said].filter(({ type }) => type === 'OFFER' || type === 'ANSWER').length;
  });
}
