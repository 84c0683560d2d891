/** Calls of groups without an engine: several devices in one page, with nothing between them but what the engine would carry. */
import { build } from 'esbuild';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { PageScript } from './bundle.ts';
import type { Person } from './person.ts';
import { ROOT } from './root.ts';

/** For who opens a room: sound is played without anybody pressing a button. */
export const MESHING = { flags: ['--autoplay-policy=no-user-gesture-required'] } as const;

/** Of the app's origin, but not the app, whose rules would not let a test start its own worker. */
const ELSEWHERE = '/boot.css';
const WORKER = '/frame-worker-of-a-test.js';

/**
 * `room.join(name)` and `room.leave(name)` do what the engine does when a device comes or goes: all have new keys, and are told
 * them. `room.withheld` has pairs `who<whom`: who is not told the keys of whom.
 */
const SCRIPT = new PageScript(
  'room',
  `
  import { CallLink } from '../../app/lib/calls/call-link.ts';
  import { FrameWork } from '../../app/lib/calls/frames/frame-work.ts';
  import { createIdentity } from '../../app/lib/calls/identity.ts';
  import { limitsOf } from '../../app/lib/calls/limits.ts';
  import { Mesh } from '../../app/lib/calls/mesh.ts';
  const sound = () => {
    const context = new AudioContext();
    const tone = new OscillatorNode(context);
    const out = new MediaStreamAudioDestinationNode(context);
    tone.connect(out);
    tone.start();
    return out.stream.getAudioTracks()[0];
  };
  const picture = (width, height) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const pen = canvas.getContext('2d');
    setInterval(() => {
      pen.fillStyle = 'hsl(' + Date.now() % 360 + ' 80% 50%)';
      pen.fillRect(0, 0, width, height);
      for (let i = 0; i < 20; i++) {
        pen.fillStyle = 'hsl(' + Math.random() * 360 + ' 80% 50%)';
        pen.fillRect(Math.random() * width, Math.random() * height, width / 20, height / 20);
      }
    }, 66);
    return canvas.captureStream(15).getVideoTracks()[0];
  };
  // What nobody plays is not decoded.
  const play = ({ mesh, playing }) => {
    for (const [name, { stream }] of mesh?.peers ?? []) {
      if (!stream || playing.get(name)?.srcObject === stream) continue;
      const audio = new Audio();
      audio.srcObject = stream;
      playing.set(name, audio);
      void audio.play();
    }
  };
  const fill = (i) => crypto.getRandomValues(new Uint8Array(i));
  const devices = new Map();
  const besides = new Set();
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    addTrack(track, ...streams) {
      if (besides.has(track)) super.addTrack(track.clone(), ...streams);
      return super.addTrack(track, ...streams);
    }
  };
  const plain = { seal() {}, open() {}, close() {} };
  const room = {
    devices,
    withheld: new Set(),
    size: [160, 120],
    async join(name, { sealed, twice }) {
      const identity = await createIdentity();
      const self = { name, identity, signals: new Map(), keys: [], playing: new Map(), connections: new Map() };
      const video = picture(...room.size);
      if (twice) besides.add(video);
      const frames = sealed ? new FrameWork(new Worker('${WORKER}', { type: 'module' }), (event) => console.error(String(event))) : { ...plain };
      const attach = frames.attach?.bind(frames);
      frames.attach = (connection, from) => {
        self.connections.set(from, connection);
        return attach(connection, from);
      };
      self.mesh = new Mesh({
        certificate: identity.certificate, relayOnly: false, iceServers: async () => [],
        audio: sound(), video, limits: limitsOf(false, 'camera'), frames,
        connect: async (options) => new CallLink(sealed ? options : { ...options, attach: undefined }),
        send: (to, signal) => setTimeout(() => room.carry(name, to, signal), 3),
        ontaken: (from, n) => self.signals.set(from, (self.signals.get(from) ?? []).filter((one) => one.n > n)),
        onchange: () => play(self),
      });
      devices.set(name, self);
      room.change();
    },
    leave(name) {
      devices.get(name).mesh.close();
      devices.delete(name);
      for (const { signals } of devices.values()) signals.delete(name);
      room.change();
    },
    carry(from, to, signal) {
      const self = devices.get(to);
      if (!self || !devices.has(from)) return;
      const counter = (self.counted ??= new Map());
      counter.set(from, (counter.get(from) ?? 0) + 1);
      self.signals.set(from, [...(self.signals.get(from) ?? []), { ...signal, n: counter.get(from) }]);
      room.show(to);
    },
    /** New keys for all. Who seals with a new one has told it before. */
    change() {
      for (const self of devices.values()) {
        const id = ((self.keys.at(-1)?.id ?? -1) + 1) % 256;
        self.next = { id, key: fill(32) };
        self.keys = [...self.keys.slice(-1), self.next];
      }
      for (const name of devices.keys()) room.show(name);
      setTimeout(() => {
        for (const [name, self] of devices) { self.key = self.next; room.show(name); }
      }, 50);
    },
    show(name) {
      const self = devices.get(name);
      const peers = [...devices.values()].filter((other) => other !== self).map((other) => ({
        deviceId: other.name, accountId: other.name, offers: name < other.name,
        fingerprint: other.identity.fingerprint, signals: self.signals.get(other.name) ?? [],
        keys: room.withheld.has(name + '<' + other.name) ? [] : other.keys,
      }));
      self.mesh.follow({ callId: 'c', holder: name, key: self.key ?? self.next, peers });
    },
    cut(who, whom) {
      devices.get(who).connections.get(whom).close();
    },
    tracks(who, whom) {
      const { mesh, connections } = devices.get(who);
      const came = connections.get(whom).getReceivers().length;
      return { came, played: mesh.peers.get(whom).stream.getTracks().length };
    },
    async look(who, whom) {
      const { mesh } = devices.get(who);
      const counts = await mesh.count(whom);
      return { state: mesh.peers.get(whom)?.state ?? 'none', frames: 0, sounds: 0, level: 0, ...counts };
    },
  };
  globalThis.room = room;`,
);

export interface Seen {
  readonly state: 'none' | 'connecting' | 'connected' | 'lost';
  /** Pictures that were decoded; packets of sound that came; how loud it is. */
  readonly frames: number;
  readonly sounds: number;
  readonly level: number;
}

interface Joining {
  /** False: as a program would that knows nothing of sealed frames. */
  readonly sealed: boolean;
  /** Offers its picture a second time, by a track that nobody expects. */
  readonly twice: boolean;
}

/** Tracks of the connection, and those that are played. */
export interface Tracks {
  readonly came: number;
  readonly played: number;
}

interface Room {
  readonly withheld: Set<string>;
  size: readonly [number, number];
  join(name: string, options: Joining): Promise<void>;
  leave(name: string): void;
  change(): void;
  cut(who: string, whom: string): void;
  tracks(who: string, whom: string): Tracks;
  look(who: string, whom: string): Promise<Seen>;
}
type Inside = typeof globalThis & { room: Room };

export class MeshRoom {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** An empty one in the page of somebody who has nothing else open. */
  static async open(person: Person): Promise<MeshRoom> {
    const code = await bundleWorker();
    // As the relay serves every file: a page that isolates itself takes no worker that does not.
    const headers = { 'content-type': 'text/javascript', 'cross-origin-embedder-policy': 'require-corp' };
    await person.context.route(`**${WORKER}`, (route) => route.fulfill({ headers, body: code }));
    person.faults.forgive(/404/); // the browser looks for the icon of a page that has none
    await person.goto(ELSEWHERE);
    await SCRIPT.runIn(person.page);
    return new MeshRoom(person.page);
  }

  async join(name: string, { sealed = true, twice = false }: Partial<Joining> = {}): Promise<void> {
    const how: Joining = { sealed, twice };
    await this.#page.evaluate(([who, given]) => (globalThis as Inside).room.join(who, given), [name, how] as const);
  }

  /** The connection of one with the other breaks. */
  async cut(who: string, whom: string): Promise<void> {
    await this.#page.evaluate(([a, b]) => (globalThis as Inside).room.cut(a, b), [who, whom] as const);
  }

  /** What came to one from the other. */
  tracks(who: string, whom: string): Promise<Tracks> {
    return this.#page.evaluate(([a, b]) => (globalThis as Inside).room.tracks(a, b), [who, whom] as const);
  }

  async leave(name: string): Promise<void> {
    await this.#page.evaluate((who) => (globalThis as Inside).room.leave(who), name);
  }

  /** New keys for everybody. */
  async changeKeys(): Promise<void> {
    await this.#page.evaluate(() => (globalThis as Inside).room.change());
  }

  /** From the next change of keys on `who` is not told those of `whom`, or is again. */
  async withhold(who: string, whom: string, isWithheld: boolean): Promise<void> {
    await this.#page.evaluate(([pair, isOn]) => (globalThis as Inside).room.withheld[isOn ? 'add' : 'delete'](pair), [
      `${who}<${whom}`,
      isWithheld,
    ] as const);
  }

  /** Of the pictures of who joins from now on. */
  async setSize(width: number, height: number): Promise<void> {
    await this.#page.evaluate((size) => void ((globalThis as Inside).room.size = size), [width, height] as const);
  }

  look(who: string, whom: string): Promise<Seen> {
    return this.#page.evaluate(([a, b]) => (globalThis as Inside).room.look(a, b), [who, whom] as const);
  }
}

async function bundleWorker(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(ROOT, 'app/lib/calls/frames/frame-worker.ts')],
    bundle: true,
    write: false,
    format: 'esm',
  });
  return outputFiles[0]?.text ?? '';
}
