/** The one client of the app and the state that every screen shares. Made in the root layout, handed down by context. */
import { createContext } from 'svelte';
import type { CallInput, CallName, CallValue, ClientApi, ClientError, Result } from '@securechat/sync/api';
import { UNEXPECTED, describeError } from '$lib/text/index.ts';
import { createClock } from './clock.ts';
import { Live, liveWatch } from './live.ts';
import { Toasts } from './toasts.svelte.ts';

/** What these are given stays with the tab until they answer: files that the user chose. */
const HOLD_TAB: ReadonlySet<CallName> = new Set<CallName>(['sendMedia', 'postStatus']);

export class App {
  readonly api: ClientApi;
  readonly toasts = new Toasts();
  readonly phase;
  readonly connection;
  readonly profile;
  readonly settings;
  readonly contacts;
  readonly chats;
  readonly alarms;
  readonly devices;
  readonly linking;
  readonly history;
  readonly protection;
  readonly statuses;
  readonly statusAudience;
  /** The wall clock, once a minute: for "Today" and list times. */
  readonly now = new Live(createClock(60_000));
  #held = 0;

  constructor(api: ClientApi) {
    this.api = api;
    this.phase = liveWatch(api, 'phase', null);
    this.connection = liveWatch(api, 'connection', null);
    this.profile = liveWatch(api, 'profile', null);
    this.settings = liveWatch(api, 'settings', null);
    this.contacts = liveWatch(api, 'contacts', null);
    this.chats = liveWatch(api, 'chats', null);
    this.alarms = liveWatch(api, 'alarms', null);
    this.devices = liveWatch(api, 'devices', null);
    this.linking = liveWatch(api, 'linking', null);
    this.history = liveWatch(api, 'history', null);
    this.protection = liveWatch(api, 'protection', null);
    this.statuses = liveWatch(api, 'statuses', null);
    this.statusAudience = liveWatch(api, 'statusAudience', null);
  }

  /** Files of the user's are being sealed: closing the tab now would lose them. */
  get isHolding(): boolean {
    return this.#held > 0;
  }

  /** Another own device ended this one's membership: it reads, searches and exports. */
  get isUnlinked(): boolean {
    const phase = this.phase.current;
    return phase?.type === 'Open' && phase.unlinked === true;
  }

  /** A call whose failure the caller shows itself. A bug in the engine becomes a toast and `undefined`. */
  async ask<K extends CallName>(name: K, input: CallInput<K>): Promise<Result<CallValue<K>, ClientError> | undefined> {
    const isHolding = HOLD_TAB.has(name);
    if (isHolding) this.#held += 1;
    try {
      return await this.api.call(name, input);
    } catch {
      this.toasts.error(UNEXPECTED);
      return undefined;
    } finally {
      if (isHolding) this.#held -= 1;
    }
  }

  /** A call whose failure is shown as a toast; answers whether it worked. */
  async run<K extends CallName>(name: K, input: CallInput<K>): Promise<boolean> {
    const result = await this.ask(name, input);
    if (result && !result.ok) this.toasts.error(describeError(result.error));
    return result?.ok ?? false;
  }
}

export const [getApp, setApp] = createContext<App>();
