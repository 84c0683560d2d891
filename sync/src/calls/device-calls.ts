/** Calls about this user and device: profile, settings, handle, alarms, storage, connection. */
import { isHandle } from '@securechat/relay-protocol';
import { type Avatar, type ClientError, NAME_LIMIT, type Settings, type StorageUse } from '../api.ts';
import type { DirectoryAnswer, DirectoryError } from '../directory/directory.ts';
import type { PersonalDocuments } from '../documents/index.ts';
import type { Engine } from '../engine.ts';
import { type Handlers, done, refused } from './answers.ts';

type Names =
  'setProfile' | 'setSettings' | 'claimHandle' | 'releaseHandle' | 'dismissAlarm' | 'storageUse' | 'reconnect';

/** What the platform says of the origin's storage; absent in Node. */
export type StorageEstimate = () => Promise<Pick<StorageUse, 'originBytes' | 'quotaBytes' | 'persistent'>>;

const AVATAR_LIMIT = 32 * 1024;

const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  accent: 'green',
  sendReceipts: true,
  sendTyping: true,
  enterSends: true,
  notifications: false,
  autoDownloadImages: 16 * 1024 ** 2,
  autoDownloadAudio: 16 * 1024 ** 2,
  autoDownloadVideo: 0,
  autoDownloadFiles: 0,
  mediaCacheBytes: 1024 ** 3,
};

/** The settings as they count: what the user chose, and what stands where they did not. */
export function settingsOf(personal: Pick<PersonalDocuments, 'settings'>): Settings {
  // The audience of statuses has a call and a watch of its own.
  const { statusAudience: _, ...chosen } = personal.settings.get();
  return { ...DEFAULT_SETTINGS, ...(chosen as Partial<Settings>) };
}

export function deviceCalls(engine: Engine): Handlers<Names> {
  return {
    async setProfile({ name, avatar }) {
      const problem = checkProfile(name, avatar ?? undefined);
      if (problem !== undefined) return refused(problem);
      // Later than the last one even if the clock went back: contacts keep the newest.
      const updated = Math.max(engine.clock.now(), engine.personal.profile.get().updated + 1);
      await engine.personal.profile.set({ name: name.trim(), updated, ...(avatar !== undefined && { avatar }) });
      engine.shareProfile();
      await engine.job((batch) => {
        for (const chat of engine.chats.all()) engine.absorb.tellMarks(chat, batch, chat.received.keys());
      });
      engine.kick();
      return done(null);
    },
    async setSettings(input) {
      await engine.personal.settings.set(input);
      return done(null);
    },
    async claimHandle({ handle }) {
      const wanted = handle.trim().replace(/^@/, '').toLowerCase();
      if (!isHandle(wanted)) return refused({ type: 'HandleInvalid' });
      const problem = await atHome(engine, (relayUrl, token) =>
        engine.directory.ask(relayUrl, 'putHandle', { token, body: { handle: wanted } }),
      );
      if (problem !== undefined) return refused(problem);
      await engine.personal.profile.set({ handle: wanted });
      return done(null);
    },
    async releaseHandle() {
      const problem = await atHome(engine, (relayUrl, token) =>
        engine.directory.ask(relayUrl, 'deleteHandle', { token }),
      );
      if (problem !== undefined) return refused(problem);
      await engine.personal.profile.set({ handle: null });
      return done(null);
    },
    async dismissAlarm({ id }) {
      await engine.job((batch) => {
        engine.alarms.dismiss(batch, id);
      });
      return done(null);
    },
    async storageUse() {
      const content = await engine.content();
      const origin = (await engine.estimate?.()) ?? {};
      return done({ ...content, engineBytes: await engine.store.usage(), ...origin });
    },
    reconnect() {
      engine.reconnect();
      return Promise.resolve(done(null));
    },
  };
}

/** Undefined: a profile that contacts' devices will take. */
export function checkProfile(name: string, avatar: Avatar | undefined): ClientError | undefined {
  if (name.trim() === '') return { type: 'NameEmpty' };
  if (name.trim().length > NAME_LIMIT) return { type: 'TooLong', limit: NAME_LIMIT };
  if (avatar !== undefined && avatar.bytes.length > AVATAR_LIMIT) return { type: 'TooLong', limit: AVATAR_LIMIT };
  return undefined;
}

/** One request to the home relay in this device's name; undefined when it did what was asked. */
async function atHome(
  engine: Engine,
  ask: (relayUrl: string, token: string) => DirectoryAnswer<unknown>,
): Promise<ClientError | undefined> {
  const asked = await engine.home.authorized((token) => ask(engine.self.identity.relayUrl, token));
  if (!asked.ok) return asked.error === undefined ? { type: 'Offline' } : { type: 'RelayRefused', code: asked.error };
  return asked.value.ok ? undefined : handleError(asked.value.error);
}

function handleError(error: DirectoryError): ClientError {
  switch (error.type) {
    case 'Offline':
    case 'Unintelligible':
      return { type: 'Offline' };
    case 'HandleTaken':
      return { type: 'HandleTaken' };
    case 'RateLimited':
      return { type: 'RateLimited', retryAfter: 60_000 };
    default:
      return { type: 'RelayRefused', code: error.type };
  }
}
