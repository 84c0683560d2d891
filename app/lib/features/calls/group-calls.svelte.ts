/** Calls of groups as the screens see them: part of {@link Calls}, which knows the microphone and the choices. */
import type { ChatId, GroupCallView } from '@securechat/sync/api';
import type { CallIdentity } from '$lib/calls/identity.ts';
import { canSealFrames } from '$lib/calls/frames/frame-work.ts';
import type { App } from '$lib/state/app.svelte.ts';
import { liveWatch } from '$lib/state/live.ts';
import { describeError, text } from '$lib/text/index.ts';
import { newMessageId } from '../chat/message-id.ts';
import type { GroupSession, GroupSessionOptions } from './group-session.svelte.ts';
import type { LocalMedia } from './local-media.svelte.ts';
import type { CallPreferences } from './preferences.svelte.ts';

export interface GroupCallsOptions {
  readonly app: App;
  /** Names this tab: the first part of the names of its sessions. */
  readonly tab: string;
  readonly preferences: CallPreferences;
  readonly createIdentity: () => Promise<CallIdentity>;
  /** Opens the microphone, and the camera for `video`. Undefined: it cannot be, which the user was told. */
  readonly open: (video: boolean, again: () => void) => Promise<LocalMedia | undefined>;
  /** This browser can seal frames. */
  readonly canSeal?: () => boolean;
  readonly createSession?: (options: SessionGiven) => Promise<GroupSession>;
}

type SessionGiven = Omit<GroupSessionOptions, 'connect' | 'frames'>;

/** Everybody at once, or the one who speaks large. */
export type Layout = 'grid' | 'speaker';

export class GroupCalls {
  /** Calls that are on in this account's groups. */
  readonly views;
  /** The call that this tab holds, or held. */
  session = $state.raw<GroupSession>();
  /** The browser asks for the microphone, or the call is being joined. */
  isPreparing = $state(false);
  /** The screen of the call is put away: a bar stands for it. */
  isSmall = $state(false);
  layout = $state<Layout>('grid');
  /** What rings and was put away here. */
  #quiet = $state.raw<readonly string[]>([]);
  readonly #options: GroupCallsOptions;
  #count = 0;
  /** The session that the user left: that it is over is no news. */
  #left: GroupSession | undefined;
  #latest: readonly GroupCallView[] = [];

  constructor(options: GroupCallsOptions) {
    this.#options = options;
    this.views = liveWatch(options.app.api, 'groupCalls', null);
  }

  /** Without it there are no calls of groups in this browser. */
  get isPossible(): boolean {
    return (this.#options.canSeal ?? canSealFrames)();
  }

  /** The call that is on in a chat. */
  of(chatId: ChatId): GroupCallView | undefined {
    return this.views.current?.find((view) => view.chatId === chatId);
  }

  /** That this tab holds it. */
  isMine({ holder }: GroupCallView): boolean {
    return holder !== undefined && holder === this.session?.holder && !this.session.isClosed;
  }

  /** The call that this tab is in. */
  get mine(): GroupCallView | undefined {
    return this.views.current?.find((view) => this.isMine(view));
  }

  /** The call that another tab of this device is in. */
  get elsewhere(): GroupCallView | undefined {
    return this.views.current?.find((view) => view.holder !== undefined && !this.isMine(view));
  }

  /** What rings, unless it was put away, or this device is in a call of a group. */
  get ringing(): GroupCallView | undefined {
    const views = this.views.current ?? [];
    if (!this.isPossible || this.isPreparing || views.some(({ holder }) => holder !== undefined)) return undefined;
    return views.find(({ ringing, callId }) => ringing && !this.#quiet.includes(callId));
  }

  /** Starts to follow; returns what stops it. */
  watch(): () => void {
    const stop = this.#options.app.api.watch('groupCalls', null, (views) => this.follow(views));
    return () => {
      stop();
      this.session?.close();
    };
  }

  /** A snapshot of the engine's. */
  follow(views: readonly GroupCallView[]): void {
    const { session } = this;
    const isIn = (each: GroupCallView): boolean => each.holder !== undefined && each.holder === session?.holder;
    const isOut = this.#latest.some(isIn) && !views.some(isIn);
    this.#latest = views;
    if (!session || !isOut) return;
    const coming = session === this.#left ? undefined : session.comeBack();
    if (coming) void coming.then((isIn) => !isIn && this.#over(session));
    else this.#over(session);
  }

  #over(session: GroupSession): void {
    // Who left knows; who was removed does not.
    if (session.isBroken) this.#options.app.toasts.error(text.groupCalls.broken);
    else if (session !== this.#left) this.#options.app.toasts.info(text.groupCalls.over);
    session.close();
  }

  /** Begins a call in a group, or joins the one that is on. */
  async join(chatId: ChatId, video: boolean): Promise<void> {
    if (this.isPreparing) return;
    this.isPreparing = true;
    try {
      const session = await this.#open(video, () => void this.join(chatId, video));
      if (session) await this.#agree(session, chatId);
    } finally {
      this.isPreparing = false;
    }
  }

  /** It does not ring here any more, on no device of this account that hears of it. */
  async ignore({ callId }: GroupCallView): Promise<void> {
    await this.#options.app.run('ignoreGroupCall', { callId });
  }

  /** It is silent in this tab; the chat shows that it is on. */
  putAway({ callId }: GroupCallView): void {
    this.#quiet = [...this.#quiet, callId];
  }

  /** Leaves, whatever tab holds it. */
  async leave(): Promise<void> {
    const { session } = this;
    const view = this.#latest.find(({ holder }) => holder !== undefined);
    this.#left = session;
    if (session && !session.isClosed) await session.leave();
    else if (view) await this.#options.app.run('leaveGroupCall', { callId: view.callId });
  }

  toggleHand(): void {
    const { session } = this;
    if (session && !session.isClosed) session.setHand(!session.hand);
  }

  toggleLayout(): void {
    this.layout = this.layout === 'grid' ? 'speaker' : 'grid';
  }

  /** Everything that has to be there before the engine is asked. */
  async #open(video: boolean, again: () => void): Promise<GroupSession | undefined> {
    const { app, tab, preferences, createIdentity, open, createSession = startSession } = this.#options;
    const media = await open(video, again);
    if (!media) return undefined;
    try {
      const identity = await createIdentity();
      const holder = `${tab}.g${String(++this.#count)}`;
      return await createSession({ app, holder, media, identity, preferences });
    } catch {
      media.close();
      app.toasts.error(text.calls.impossible);
      return undefined;
    }
  }

  async #agree(session: GroupSession, chatId: ChatId): Promise<void> {
    const { app } = this.#options;
    this.session?.close();
    this.session = session;
    this.isSmall = false;
    const { holder, media, fingerprint } = session;
    const callId = this.#latest.find((view) => view.chatId === chatId)?.callId ?? newMessageId();
    const video = media.camera !== undefined;
    const result = await app.ask('joinGroupCall', { callId, chatId, video, holder, keys: { fingerprint } });
    if (result?.ok) return;
    session.close();
    if (result) app.toasts.error(describeError(result.error));
  }
}

/** Loaded with the first call: most of the time there is none. */
async function startSession(options: SessionGiven): Promise<GroupSession> {
  const [session, link, work, worker] = await Promise.all([
    import('./group-session.svelte.ts'),
    import('$lib/calls/call-link.ts'),
    import('$lib/calls/frames/frame-work.ts'),
    import('$lib/calls/frames/start-worker.ts'),
  ]);
  return new session.GroupSession({
    ...options,
    connect: (given) => Promise.resolve(new link.CallLink(given)),
    frames: (onbroken) => new work.FrameWork(worker.startFrameWorker(), onbroken),
  });
}
