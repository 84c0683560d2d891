/** Voice and video calls as the screens see them. One for the app, handed down by context. */
import { createContext } from 'svelte';
import type { CallElsewhere, CallId, CallView, ChatId } from '@securechat/sync/api';
import * as capture from '$lib/calls/capture.ts';
import { createIdentity, type CallIdentity } from '$lib/calls/identity.ts';
import type { App } from '$lib/state/app.svelte.ts';
import { liveWatch } from '$lib/state/live.ts';
import { describeError, text } from '$lib/text/index.ts';
import { newMessageId } from '../chat/message-id.ts';
import { CallSession, type Connect, type SessionOptions } from './call-session.svelte.ts';
import { LocalMedia, type CaptureProblem, type Capturing } from './local-media.svelte.ts';
import { GroupCalls } from './group-calls.svelte.ts';
import { Handover } from './handover.ts';
import { CallPreferences } from './preferences.svelte.ts';

/** What calls need of the browser. */
export interface CallTools extends Capturing {
  readonly createIdentity: () => Promise<CallIdentity>;
  readonly connect: Connect;
}

const TOOLS: CallTools = {
  ...capture,
  createIdentity,
  // Loaded with the first call: most of the time there is none.
  connect: async (options) => new (await import('$lib/calls/call-link.ts')).CallLink(options),
};

/** Something the user has to do first; `again` tries once more. */
export interface CallTrouble extends CaptureProblem {
  readonly again?: () => void;
}

export class Calls {
  readonly preferences: CallPreferences;
  readonly group: GroupCalls;
  /** What this device is in, rings for, or was in a moment ago; in whatever tab. */
  readonly view;
  /** A call on another own device. */
  elsewhere = $state.raw<CallElsewhere | null>(null);
  /** The call that this tab holds. */
  session = $state.raw<CallSession>();
  /** The browser asks for the microphone, or the call is being made. */
  isPreparing = $state(false);
  /** The screen of the call is put away: a bar stands for it. */
  isSmall = $state(false);
  /** This tab is the one that rings, of all tabs. */
  isRinger = $state(false);
  trouble = $state.raw<CallTrouble>();
  readonly #app: App;
  readonly #tools: CallTools;
  /** The first part of the names of all sessions of this tab. */
  readonly #tab = crypto.randomUUID();
  #count = 0;
  #latest: CallView | null = null;
  readonly #handover: Handover;

  constructor(app: App, tools: CallTools = TOOLS, preferences = new CallPreferences()) {
    this.#app = app;
    this.#tools = tools;
    this.preferences = preferences;
    this.view = liveWatch(app.api, 'call', null);
    this.#handover = new Handover({
      ask: app,
      createIdentity: () => tools.createIdentity(),
      join: (callId, identity, media) => this.#session({ callId, identity, media, joins: true }),
    });
    this.group = new GroupCalls({
      ...{ app, preferences, tab: this.#tab },
      createIdentity: () => tools.createIdentity(),
      open: (video, again) => this.#open(video, again),
    });
  }

  /** Starts to follow; returns what stops it. */
  watch(): () => void {
    const stopping = new AbortController();
    navigator.locks
      .request('securechat/ringer', { signal: stopping.signal }, () => this.#ring(stopping.signal))
      .catch(() => undefined); // aborted while it waited: another tab rings
    const stop = this.#app.api.watch('call', null, (view) => this.follow(view));
    const stopElsewhere = this.#app.api.watch('callElsewhere', null, (there) => (this.elsewhere = there));
    const stopGroup = this.group.watch();
    return () => {
      stop();
      stopElsewhere();
      stopGroup();
      this.#handover.close();
      stopping.abort();
      this.session?.close();
    };
  }

  /** A snapshot of the engine's. */
  follow(view: CallView | null): void {
    const next = this.#handover.follow(view, this.session);
    if (next && view) {
      this.session?.yieldMedia();
      this.session = next;
      next.takeMedia();
      this.#app.toasts.info(text.inCall.theyMoved(view.name || text.calls.unnamed));
    }
    // What rings anew is shown, however small the last one was.
    else if (view?.callId !== this.#latest?.callId) this.isSmall = false;
    this.#latest = view;
    this.session?.follow(view);
  }

  /** That this tab holds it, or held it to its end. */
  isMine({ holder }: CallView): boolean {
    return holder?.startsWith(this.#tab) ?? false;
  }

  /** Its screen is before all others, which nobody sees meanwhile. */
  get isCovering(): boolean {
    const view = this.view.current;
    const isMine = view !== undefined && view !== null && this.isMine(view);
    return (isMine && !this.isSmall) || (this.group.mine !== undefined && !this.group.isSmall);
  }

  /** Sound and picture of the call that this tab holds, of two or of a group. */
  get media(): LocalMedia | undefined {
    return [this.session, this.group.session].find((session) => session?.isClosed === false)?.media;
  }

  /** Calls whom a chat is with; when it is they who call just now, that is answered. */
  async start(chatId: ChatId, video: boolean): Promise<void> {
    if (this.isPreparing) return;
    const isFree = !this.#latest || this.#latest.phase === 'ended' || this.#ringsFrom(chatId) !== undefined;
    if (!isFree) return this.#app.toasts.error(text.calls.inCall);
    const callId = newMessageId();
    await this.#hold(
      callId,
      video,
      () => void this.start(chatId, video),
      async ({ holder, keys, camera }) => {
        const call = (): Reply => this.#app.ask('startCall', { callId, chatId, video: camera, holder, keys });
        const result = this.#ringsFrom(chatId) === undefined ? await call() : undefined;
        // Theirs may have come while the browser asked, or while the engine was.
        const theirs = result?.ok ? undefined : this.#ringsFrom(chatId);
        return theirs === undefined ? result : this.#app.ask('answerCall', { callId: theirs, holder, keys });
      },
    );
  }

  /** Answers what rings; `video`: with the camera. */
  async answer(video: boolean): Promise<void> {
    const view = this.#latest;
    if (!view || this.isPreparing) return;
    const callId = view.second?.callId ?? view.callId;
    // One that is on ends by it, also one of a group.
    await this.group.leave();
    await this.#hold(
      callId,
      video,
      () => void this.answer(video),
      ({ holder, keys }) => this.#app.ask('answerCall', { callId, holder, keys }),
    );
  }

  /** Goes on here with the call of another own device, with what was on there. */
  async moveHere(): Promise<void> {
    const there = this.elsewhere;
    if (!there || this.isPreparing) return;
    await this.#hold(
      newMessageId(),
      there.media.camera,
      () => void this.moveHere(),
      ({ holder, keys, callId }) => {
        this.session?.media.setMuted(!there.media.microphone);
        return this.#app.ask('moveCall', { callId, from: this.elsewhere?.callId ?? there.callId, holder, keys });
      },
    );
  }

  async decline(): Promise<void> {
    const view = this.#latest;
    if (view) await this.#app.run('declineCall', { callId: view.second?.callId ?? view.callId });
  }

  /** Ends it, in whatever phase it is and whatever tab holds it. */
  async hangUp(): Promise<void> {
    const view = this.#latest;
    if (view) await this.#app.run('hangUp', { callId: view.callId });
    this.session?.close();
  }

  async hold(held: boolean): Promise<void> {
    const view = this.#latest;
    if (view) await this.#app.run('holdCall', { callId: view.callId, held });
  }

  /** Takes a call that is over from the screen. */
  async dismiss(): Promise<void> {
    const view = this.#latest;
    if (view) await this.#app.ask('dismissCall', { callId: view.callId });
  }

  /** Calls whom this call was with once more. */
  async again(): Promise<void> {
    const view = this.#latest;
    if (!view) return;
    await this.dismiss();
    this.#latest = null;
    await this.start(view.chatId, view.video);
  }

  // While it is on.

  toggleMicrophone(): void {
    const { media } = this;
    media?.setMuted(!media.isMuted);
  }

  async toggleCamera(): Promise<void> {
    const { media } = this;
    if (media) this.#show(await media.setCamera(media.camera === undefined), () => void this.toggleCamera());
  }

  async toggleScreen(): Promise<void> {
    const { media } = this;
    if (media) this.#show(await media.setScreen(media.screen === undefined));
  }

  /** The next one of several cameras. */
  async switchCamera(): Promise<void> {
    const { videoinput: cameras } = await capture.listDevices();
    const current = this.media?.camera?.getSettings().deviceId;
    const next = cameras[(cameras.findIndex(({ id }) => id === current) + 1) % Math.max(1, cameras.length)];
    if (next) await this.choose('camera', next.id);
  }

  async choose(what: 'microphone' | 'camera', id: string): Promise<void> {
    this.preferences.set({ [what]: id });
    this.#show(await this.media?.reopen(what));
  }

  async setNoiseSuppression(noiseSuppression: boolean): Promise<void> {
    this.preferences.set({ noiseSuppression });
    this.#show(await this.media?.reopen('microphone'));
  }

  setLowBandwidth(lowBandwidth: boolean): void {
    this.preferences.set({ lowBandwidth });
    this.session?.limit();
    this.group.session?.limit();
  }

  /** From the question for the microphone to the engine's yes. `agree` is what makes the call this session's. */
  async #hold(callId: CallId, video: boolean, again: () => void, agree: Agree): Promise<void> {
    this.isPreparing = true;
    this.trouble = undefined;
    try {
      const media = await this.#open(video, again);
      if (!media) return;
      const identity = await this.#tools.createIdentity().catch(() => undefined);
      if (!identity) {
        media.close();
        return this.#app.toasts.error(text.calls.impossible);
      }
      this.session?.close();
      const session = this.#session({ callId, media, identity });
      this.session = session;
      const keys = { fingerprint: identity.fingerprint };
      const result = await agree({ holder: session.holder, keys, callId, camera: media.camera !== undefined });
      if (result?.ok) return;
      session.close();
      if (result) this.#app.toasts.error(describeError(result.error));
    } finally {
      this.isPreparing = false;
    }
  }

  #session(about: Pick<SessionOptions, 'callId' | 'media' | 'identity' | 'joins'>): CallSession {
    const holder = `${this.#tab}.${String(++this.#count)}`;
    const { preferences } = this;
    const { connect } = this.#tools;
    return new CallSession({ app: this.#app, holder, preferences, connect, ...about });
  }

  /** Without a camera a video call is a voice call; without a microphone there is none. */
  async #open(video: boolean, again: () => void): Promise<LocalMedia | undefined> {
    const opened = await LocalMedia.open(this.#tools, this.preferences);
    if (!opened.ok) {
      this.#show(opened.error, again);
      return undefined;
    }
    const media = opened.value;
    media.onlost = (what) => void this.#replace(what);
    const problem = video ? await media.setCamera(true) : undefined;
    if (problem) this.#app.toasts.error(text.calls.noCamera);
    return media;
  }

  /** What was pulled out is replaced by what is there. */
  async #replace(what: 'microphone' | 'camera'): Promise<void> {
    this.#app.toasts.info(text.calls.pulledOut[what]);
    if (what === 'microphone') this.#show(await this.media?.reopen('microphone'));
  }

  #show(problem: CaptureProblem | undefined, again?: () => void): void {
    if (problem) this.trouble = again ? { ...problem, again } : problem;
  }

  #ringsFrom(chatId: ChatId): CallId | undefined {
    const view = this.#latest;
    const isRinging = view?.phase === 'ringing' && !view.outgoing && view.holder === undefined;
    return isRinging && view.chatId === chatId ? view.callId : undefined;
  }

  #ring(signal: AbortSignal): Promise<void> {
    this.isRinger = true;
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.isRinger = false;
        resolve();
      });
    });
  }
}

type Reply = ReturnType<typeof App.prototype.ask<'startCall' | 'answerCall' | 'moveCall'>>;
type Agree = (given: {
  readonly holder: string;
  readonly keys: { readonly fingerprint: Uint8Array };
  readonly callId: CallId;
  readonly camera: boolean;
}) => Reply;

export const [getCalls, setCalls] = createContext<Calls>();
