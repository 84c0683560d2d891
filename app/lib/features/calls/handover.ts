/**
 * The other side's user moves the call that this tab holds to another device of theirs: what takes its place is connected
 * beside it, with the same sound and picture and without a question, until the engine says that the call goes on in it.
 */
import type { CallId, CallView } from '@securechat/sync/api';
import type { CallIdentity } from '$lib/calls/identity.ts';
import type { App } from '$lib/state/app.svelte.ts';
import type { CallSession } from './call-session.svelte.ts';
import type { LocalMedia } from './local-media.svelte.ts';

export interface HandoverOptions {
  readonly ask: Pick<App, 'ask'>;
  readonly createIdentity: () => Promise<CallIdentity>;
  /** A session that joins in. */
  readonly join: (callId: CallId, identity: CallIdentity, media: LocalMedia) => CallSession;
}

/** What is asked for; no session yet while its certificate is being made. */
interface Next {
  readonly callId: CallId;
  session?: CallSession;
}

export class Handover {
  readonly #options: HandoverOptions;
  #next: Next | undefined;

  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  /** A snapshot of the engine's, and the session that is on; answers with the one that takes its place now. */
  follow(view: CallView | null, session: CallSession | undefined): CallSession | undefined {
    const next = this.#next;
    if (next?.session !== undefined && view?.holder === next.session.holder && view.phase !== 'ended') {
      this.#next = undefined;
      return next.session;
    }
    if (next !== undefined && next.callId !== view?.moving?.callId) this.close();
    const isAsked = view?.moving !== undefined && view.moving.holder === undefined;
    const isHere = session?.isClosed === false && view?.holder === session.holder;
    if (isAsked && isHere && this.#next === undefined) void this.#join(view.moving.callId, session.media);
    return undefined;
  }

  /** The call goes on as it was, or not at all. */
  close(): void {
    this.#next?.session?.close();
    this.#next = undefined;
  }

  async #join(callId: CallId, media: LocalMedia): Promise<void> {
    const { ask, createIdentity, join } = this.#options;
    const next: Next = { callId };
    this.#next = next;
    const identity = await createIdentity().catch(() => undefined);
    if (this.#next !== next) return;
    if (identity === undefined) return void ask.ask('declineCall', { callId });
    const session = join(callId, identity, media);
    next.session = session;
    const keys = { fingerprint: identity.fingerprint };
    const answered = await ask.ask('answerCall', { callId, holder: session.holder, keys });
    if (answered?.ok !== true) session.close();
  }
}
