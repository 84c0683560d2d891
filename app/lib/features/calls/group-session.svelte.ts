/**
 * A call of a group that this tab is in: from the moment its user said yes until they leave. Follows what the engine says of the
 * call, connects with everybody in it, and tells the engine what is on.
 *
 * To be made before `joinGroupCall` with the same `holder` and the identity's fingerprint, and closed when that is refused.
 */
import type { CallId, DeviceId, GroupCallMember, GroupCallView, GroupCallWire, Millis } from '@securechat/sync/api';
import type { LinkOptions } from '$lib/calls/call-link.ts';
import { Gauges } from '$lib/calls/gauges.ts';
import type { CallIdentity } from '$lib/calls/identity.ts';
import { limitsOf, sharedLimits, type Limits } from '$lib/calls/limits.ts';
import { Mesh, type MeshLink, type MeshOptions, type MeshState } from '$lib/calls/mesh.ts';
import { picturesOf } from '$lib/calls/pictures.ts';
import type { Quality } from '$lib/calls/quality.ts';
import type { App } from '$lib/state/app.svelte.ts';
import type { LocalMedia } from './local-media.svelte.ts';
import type { CallPreferences } from './preferences.svelte.ts';

/** Somebody in the call, as far as this tab hears and sees them. */
export interface MemberInCall extends GroupCallMember {
  /** Of this device: connected. */
  readonly state: MeshState;
  /** What comes from them; absent until it does, and of this device. */
  readonly stream?: MediaStream;
  /** Absent until it is known, and of this device. */
  readonly quality?: Quality;
  /** How loud they are, 0 to 1; of this device 0. */
  readonly level: number;
  /** Their picture is sent: their camera or screen is on, and not too many others' are. */
  readonly isShown: boolean;
}

export interface GroupSessionOptions {
  readonly app: App;
  /** Names this session to the engine: no other one has the same. */
  readonly holder: string;
  readonly media: LocalMedia;
  readonly identity: CallIdentity;
  readonly preferences: CallPreferences;
  readonly connect: (options: LinkOptions) => Promise<MeshLink>;
  /** Starts what seals and opens frames; told when it died. */
  readonly frames: (onbroken: () => void) => MeshOptions['frames'];
}

/** The engine gives a tab up that is silent for twelve seconds; one that was for so long knows why it is out. */
const KEEP: Millis = 5_000;
const SILENT: Millis = 10_000;
/** After a longer silence nobody expects their microphone to be on again. */
const LONGEST_SILENCE: Millis = 60_000;
const LOOK: Millis = 1_000;

export class GroupSession {
  readonly media: LocalMedia;
  readonly holder: string;
  /** Everybody in the call, who came first first; this device too. Empty until the engine says that it is in it. */
  members = $state.raw<readonly MemberInCall[]>([]);
  /** This user's hand is raised. */
  hand = $state(false);
  isClosed = $state(false);
  /** It was left since frames cannot be sealed any more. */
  isBroken = $state(false);
  readonly #options: GroupSessionOptions;
  readonly #mesh: Mesh;
  #callId = $state<CallId>();
  #views: readonly GroupCallView[] = [];
  #view: GroupCallView | undefined;
  /** When the engine last said that it knows this tab. */
  #keptAt: Millis = Date.now();
  #coming: Promise<boolean> | undefined;
  readonly #gauges = new Gauges();
  readonly #stops: (() => void)[] = [];

  constructor(options: GroupSessionOptions) {
    this.#options = options;
    this.media = options.media;
    this.holder = options.holder;
    this.#mesh = new Mesh(this.#meshOptions());
    this.media.onchange = () => this.#mediaChanged();
    const { api } = options.app;
    const keeping = setInterval(() => void this.#keep(), KEEP);
    const looking = setInterval(() => void this.#look(), LOOK);
    this.#stops.push(
      api.watch('groupCallWire', { holder: this.holder }, (wire) => this.#take(wire)),
      api.watch('groupCalls', null, (views) => this.#follow(views)),
      () => clearInterval(keeping),
      () => clearInterval(looking),
    );
  }

  /** Undefined until the engine says that this tab is in a call. Another one after two calls of a group became one. */
  get callId(): CallId | undefined {
    return this.#callId;
  }

  /** Of its certificate, 32 bytes: what the engine tells everybody in the call. */
  get fingerprint(): Uint8Array {
    return this.#options.identity.fingerprint;
  }

  setHand(isRaised: boolean): void {
    this.hand = isRaised;
    void this.#tell();
  }

  /** The limits changed. */
  limit(): void {
    this.#mesh.setLimits(this.#limits());
  }

  async leave(): Promise<void> {
    const callId = this.#callId;
    this.close();
    if (callId !== undefined) await this.#options.app.ask('leaveGroupCall', { callId });
  }

  /**
   * The engine has taken this tab out. Undefined: for good. Else the tab was only silent for too long, as one is that got no
   * processor time, and joins again with all that it had; resolves to whether it is in the call again.
   */
  comeBack(): Promise<boolean> | undefined {
    if (this.#coming || this.isClosed) return this.#coming;
    const chatId = this.#view?.chatId;
    const on = this.#views.find((view) => view.chatId === chatId);
    const silence = Date.now() - this.#keptAt;
    if (!on || silence < SILENT || silence > LONGEST_SILENCE) return undefined;
    this.#coming = this.#joinAgain(on).finally(() => (this.#coming = undefined));
    return this.#coming;
  }

  /** Lets everything go, and says nothing: the call is over, or never was. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const stop of this.#stops) stop();
    this.#mesh.close();
    this.media.close();
    this.members = [];
  }

  #take(wire: GroupCallWire | null): void {
    if (!wire) {
      // Null at first, too.
      if (this.#callId !== undefined) this.#wentOut();
      return;
    }
    const isNew = this.#callId !== wire.callId;
    this.#callId = wire.callId;
    this.#mesh.follow(wire);
    this.limit();
    if (isNew) void this.#tell();
    this.#show();
  }

  #follow(views: readonly GroupCallView[]): void {
    this.#views = views;
    this.#view = views.find(({ holder }) => holder === this.holder) ?? this.#view;
    this.#show();
  }

  #wentOut(): void {
    const coming = this.comeBack();
    if (coming) void coming.then((isIn) => !isIn && this.close());
    else this.close();
  }

  async #joinAgain({ callId, chatId, video }: GroupCallView): Promise<boolean> {
    // What is on here is told anew.
    this.#callId = undefined;
    const { app } = this.#options;
    const input = { callId, chatId, video, holder: this.holder, keys: { fingerprint: this.fingerprint } };
    const joined = await app.ask('joinGroupCall', input);
    if (joined?.ok && this.isClosed) await app.ask('leaveGroupCall', { callId });
    return joined?.ok === true && !this.isClosed;
  }

  /** Sums up what the engine and the connections say. */
  #show(): void {
    if (this.isClosed) return;
    const said = (this.#view?.members ?? []).map((member) =>
      member.me ? { ...member, media: this.media.told } : member,
    );
    const shown = picturesOf(said);
    this.members = said.map((member) => this.#memberInCall(member, shown));
    const isSent = said.some(({ me, deviceId }) => me && shown.has(deviceId));
    this.#mesh.setVideo(isSent ? this.media.video : undefined);
  }

  #memberInCall(member: GroupCallMember, shown: ReadonlySet<DeviceId>): MemberInCall {
    const { deviceId, me } = member;
    const isShown = shown.has(deviceId);
    if (me) return { ...member, state: 'connected', level: 0, isShown };
    const peer = this.#mesh.peers.get(deviceId) ?? { state: 'connecting' };
    const gauge = peer.state === 'connected' ? this.#gauges.of(deviceId) : { level: 0 };
    return { ...member, ...peer, ...gauge, isShown };
  }

  #meshOptions(): MeshOptions {
    const { app, identity, preferences, media, connect, frames } = this.#options;
    const { holder } = this;
    return {
      connect,
      certificate: identity.certificate,
      relayOnly: preferences.current.hideAddress,
      iceServers: async () => {
        const result = await app.ask('iceServers', null);
        return result?.ok ? result.value.servers : [];
      },
      audio: media.microphone,
      video: undefined,
      limits: limitsOf(preferences.current.lowBandwidth, media.picture),
      frames: frames(() => this.#break()),
      send: (to, signal) => {
        if (this.#callId !== undefined) void app.ask('sendGroupSignal', { callId: this.#callId, holder, to, signal });
      },
      ontaken: (from, upTo) => {
        if (this.#callId !== undefined) void app.ask('takeGroupSignals', { callId: this.#callId, holder, from, upTo });
      },
      onchange: () => this.#show(),
    };
  }

  #limits(): Limits {
    const { picture } = this.media;
    const limits = limitsOf(this.#options.preferences.current.lowBandwidth, picture);
    return sharedLimits(limits, picture, this.#mesh.peers.size);
  }

  #mediaChanged(): void {
    this.#mesh.setAudio(this.media.microphone);
    this.#show();
    this.limit();
    void this.#tell();
  }

  #break(): void {
    this.isBroken = true;
    void this.leave();
  }

  async #tell(): Promise<void> {
    const callId = this.#callId;
    if (callId === undefined || this.isClosed) return;
    await this.#options.app.ask('tellGroupCall', { callId, media: this.media.told, hand: this.hand });
  }

  async #keep(): Promise<void> {
    if (this.#callId === undefined) return;
    const kept = await this.#options.app.ask('keepGroupCall', { callId: this.#callId, holder: this.holder });
    if (kept?.ok) this.#keptAt = Date.now();
    else if (kept?.error.type === 'UnknownCall') this.#wentOut();
  }

  async #look(): Promise<void> {
    const devices = [...this.#mesh.peers.keys()];
    await Promise.all(devices.map(async (device) => this.#gauges.note(device, await this.#mesh.count(device))));
    this.#show();
  }
}
