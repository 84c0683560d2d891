/**
 * The connections of a call of a group: one with each other device that is in it, all with the same sound and picture. Follows
 * what the engine says of who is in it and with which keys; frames are sealed with this device's and opened with theirs.
 */
import type { CallId, CallSignal, DeviceId, GroupCallWire, GroupWirePeer } from '@securechat/sync/api';
import type { CallLink, LinkOptions } from './call-link.ts';
import type { FrameWork } from './frames/frame-work.ts';
import type { Limits } from './limits.ts';
import type { Counts } from './quality.ts';

/** What a mesh needs of a connection. */
export type MeshLink = Pick<CallLink, 'receive' | 'setAudio' | 'setVideo' | 'setLimits' | 'count' | 'close'>;

/** connecting: no connection was there yet. lost: one was, and it is made anew. */
export type MeshState = 'connecting' | 'connected' | 'lost';

export interface MeshOptions extends Pick<
  LinkOptions,
  'certificate' | 'relayOnly' | 'iceServers' | 'audio' | 'video' | 'limits'
> {
  readonly connect: (options: LinkOptions) => Promise<MeshLink>;
  /** The mesh's own from now on. */
  readonly frames: Pick<FrameWork, 'seal' | 'open' | 'attach' | 'close'>;
  /** The connection says something to a device's. */
  readonly send: (to: DeviceId, signal: CallSignal) => void;
  /** What came from a device was used, up to and including `n`. */
  readonly ontaken: (from: DeviceId, n: number) => void;
  /** Something of {@link Mesh.peers} changed. */
  readonly onchange: () => void;
}

/** One other device, as far as it is connected. */
export interface MeshPeer {
  readonly state: MeshState;
  /** What comes from it; the same one until the connection is made anew. */
  readonly stream?: MediaStream;
}

interface Connected {
  readonly wire: GroupWirePeer;
  readonly link: Promise<MeshLink>;
  peer: MeshPeer;
  taken: number;
}

export class Mesh {
  readonly #options: MeshOptions;
  readonly #connected = new Map<DeviceId, Connected>();
  #audio: MediaStreamTrack;
  #video: MediaStreamTrack | undefined;
  #limits: Limits;
  #callId: CallId | undefined;
  #isClosed = false;

  constructor(options: MeshOptions) {
    this.#options = options;
    this.#audio = options.audio;
    this.#video = options.video;
    this.#limits = options.limits;
  }

  get peers(): ReadonlyMap<DeviceId, MeshPeer> {
    return new Map([...this.#connected].map(([device, { peer }]) => [device, peer]));
  }

  /** A snapshot of the engine's: connects with who is new, lets go who is not in it, changes keys. */
  follow({ callId, key, peers }: GroupCallWire): void {
    if (this.#isClosed) return;
    const { frames, onchange } = this.#options;
    // In another call all that was said between two devices begins anew.
    if (this.#callId !== callId) this.#dropAll();
    this.#callId = callId;
    frames.seal(key);
    const gone = new Set(this.#connected.keys());
    for (const peer of peers) {
      gone.delete(peer.deviceId);
      frames.open(peer.deviceId, peer.keys);
      this.#receive(peer, this.#connection(peer));
    }
    for (const device of gone) this.#drop(device);
    onchange();
  }

  /** Sends this track to everybody from now on. */
  setAudio(track: MediaStreamTrack): void {
    this.#audio = track;
    this.#each((link) => link.setAudio(track));
  }

  /** Sends this picture to everybody from now on; undefined: none. */
  setVideo(track: MediaStreamTrack | undefined): void {
    if (track === this.#video) return;
    this.#video = track;
    this.#each((link) => link.setVideo(track));
  }

  /** For each connection. */
  setLimits(limits: Limits): void {
    if (JSON.stringify(limits) === JSON.stringify(this.#limits)) return;
    this.#limits = limits;
    this.#each((link) => link.setLimits(limits));
  }

  /** As `CallLink.count`, of the connection with that device. */
  async count(device: DeviceId): Promise<Counts | undefined> {
    return await (await this.#connected.get(device)?.link)?.count();
  }

  /** Ends all of them for good, and forgets the keys. The tracks belong to whoever made them. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#dropAll();
    this.#options.frames.close();
  }

  /** A device that came anew is connected anew, and what it says is counted from 1 again. */
  #connection(wire: GroupWirePeer): Connected {
    const known = this.#connected.get(wire.deviceId);
    if (known && known.wire.stay === wire.stay) return known;
    void known?.link.then((link) => link.close());
    const link = this.#connect(wire, (change) => {
      const current = this.#connected.get(wire.deviceId);
      if (current?.link !== link) return;
      current.peer = { ...current.peer, ...change };
      this.#options.onchange();
    });
    const made: Connected = { wire, link, peer: { state: 'connecting' }, taken: 0 };
    this.#connected.set(wire.deviceId, made);
    this.#options.onchange();
    return made;
  }

  #connect({ deviceId, offers }: GroupWirePeer, onchange: (change: Partial<MeshPeer>) => void): Promise<MeshLink> {
    const { connect, certificate, relayOnly, iceServers, frames, send } = this.#options;
    return connect({
      ...{ offers, certificate, relayOnly, iceServers },
      ...{ audio: this.#audio, video: this.#video, limits: this.#limits },
      send: (signal) => send(deviceId, signal),
      attach: (connection) => frames.attach(connection, deviceId),
      onstate: (state) => onchange({ state }),
      onstream: (stream) => onchange({ stream }),
    });
  }

  #receive({ deviceId, signals }: GroupWirePeer, connected: Connected): void {
    const fresh = signals.filter(({ n }) => n > connected.taken);
    const last = fresh.at(-1);
    if (!last) return;
    connected.taken = last.n;
    void connected.link.then((link) => {
      for (const { type, payload } of fresh) link.receive({ type, payload });
    });
    this.#options.ontaken(deviceId, last.n);
  }

  #drop(device: DeviceId): void {
    const connected = this.#connected.get(device);
    this.#connected.delete(device);
    this.#options.frames.open(device, []);
    void connected?.link.then((link) => link.close());
  }

  #dropAll(): void {
    for (const device of [...this.#connected.keys()]) this.#drop(device);
  }

  #each(change: (link: MeshLink) => void): void {
    for (const { link } of this.#connected.values()) void link.then(change);
  }
}
