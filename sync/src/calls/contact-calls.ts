/** Calls about people: inviting, adding, accepting, blocking, verifying. */
import {
  type AccountId,
  type ChatId,
  type Public,
  accountIdOf,
  fromBase64Url,
  matchSafetyNumberQr,
  safetyNumber,
  safetyNumberQr,
  toAccountKey,
  toBase64Url,
} from '@securechat/crypto';
import { isHandle } from '@securechat/relay-protocol';
import { type Invitation, NAME_LIMIT } from '../api.ts';
import type { Batch } from '../batch.ts';
import type { Chat } from '../chats/chat-book.ts';
import { type InvitationCode, invitationLink, parseInvitation } from '../contacts/invitation.ts';
import type { Engine } from '../engine.ts';
import { newPeer } from '../peers/peers.ts';
import { type Handlers, done, refused } from './answers.ts';

type Names =
  | 'invite'
  | 'readInvitation'
  | 'addByLink'
  | 'findHandle'
  | 'addByHandle'
  | 'acceptRequest'
  | 'setBlocked'
  | 'setNickname'
  | 'safetyNumber'
  | 'setVerified'
  | 'verifyByQr'
  | 'shareHistory';

export function contactCalls(engine: Engine): Handlers<Names> {
  return {
    invite({ origin }) {
      const { account, relayUrl } = engine.self.identity;
      const { name } = engine.personal.profile.get();
      return Promise.resolve(done({ link: invitationLink(origin, { publicKey: account.publicKey, relayUrl, name }) }));
    },
    readInvitation: ({ text }) => Promise.resolve(readInvitation(text, engine)),
    async addByLink({ text }) {
      const code = parseInvitation(text);
      return code === undefined ? refused({ type: 'LinkInvalid' }) : add(engine, code);
    },
    async findHandle({ handle }) {
      const found = await lookUp(engine, handle);
      return found.ok ? done(toInvitation(engine, found.value)) : found;
    },
    async addByHandle({ handle }) {
      const found = await lookUp(engine, handle);
      return found.ok ? add(engine, found.value, handle) : found;
    },
    async acceptRequest({ chatId }) {
      const chat = engine.chats.get(chatId as ChatId);
      if (chat?.with.type !== 'contact') return refused({ type: 'UnknownChat' });
      await becomeContact(engine, chat.with.peer, chat.with.peerKey);
      // More than was kept of the stranger may be waiting on their side.
      await engine.job((batch) => engine.repair.ask(chat, batch));
      engine.kick();
      return done(null);
    },
    async setBlocked({ accountId, blocked }) {
      const peer = engine.peers.get(accountId as AccountId);
      if (peer === undefined) return refused({ type: 'UnknownChat' });
      const entry = engine.personal.contacts.get().get(peer.accountId);
      const wasContact = entry !== undefined && entry.addedAt > 0;
      if (blocked) {
        const addedAt = entry?.addedAt ?? 0;
        await engine.personal.contacts.set(peer.accountId, {
          publicKey: toBase64Url(peer.publicKey),
          state: 'blocked',
          addedAt,
        });
        // What waits for them is not sent any more; if they are unblocked, the repair path brings it.
        await engine.job((batch) => {
          engine.outbox.removeAccount(batch, peer.accountId);
        });
      } else if (wasContact) await engine.personal.contacts.set(peer.accountId, { state: 'accepted' });
      else await engine.personal.contacts.remove(peer.accountId);
      return done(null);
    },
    async setNickname({ accountId, nickname }) {
      if ((nickname?.length ?? 0) > NAME_LIMIT) return refused({ type: 'TooLong', limit: NAME_LIMIT });
      if (!engine.people.isContact(accountId as AccountId)) return refused({ type: 'UnknownChat' });
      const trimmed = nickname?.trim();
      await engine.personal.contacts.set(accountId as AccountId, { nickname: trimmed === '' ? undefined : trimmed });
      return done(null);
    },
    safetyNumber({ accountId }) {
      const peer = engine.peers.get(accountId as AccountId);
      if (peer === undefined) return Promise.resolve(refused({ type: 'UnknownChat' }));
      const mine = engine.self.identity.account.publicKey;
      const verified = engine.people.isVerified(peer.accountId);
      const digits = safetyNumber(mine, peer.publicKey);
      return Promise.resolve(done({ digits, qr: safetyNumberQr(mine, peer.publicKey), verified }));
    },
    setVerified: ({ accountId, verified }) => setVerified(engine, accountId as AccountId, verified),
    async verifyByQr({ accountId, qr }) {
      const peer = engine.peers.get(accountId as AccountId);
      if (peer === undefined) return refused({ type: 'UnknownChat' });
      const matches = matchSafetyNumberQr(engine.self.identity.account.publicKey, peer.publicKey, qr);
      return matches ? setVerified(engine, peer.accountId, true) : refused({ type: 'QrMismatch' });
    },
    shareHistory: ({ chatId }) => shareHistory(engine, chatId as ChatId),
  };
}

/** Agrees to talk to an account, and tells it so: the card goes along with the first thing that is sent. */
export async function becomeContact(
  engine: Engine,
  accountId: AccountId,
  publicKey: Public<'Account'>,
  extra: ContactExtra = {},
): Promise<Chat> {
  const entry = engine.personal.contacts.get().get(accountId);
  const isNew = entry === undefined || entry.addedAt === 0;
  const log = engine.peers.get(accountId)?.log;
  await engine.personal.contacts.set(accountId, {
    publicKey: toBase64Url(publicKey),
    state: 'accepted',
    addedAt: isNew ? engine.clock.now() : entry.addedAt,
    // Whoever is agreed to is agreed to as they are; a contact's link that is opened again says nothing of new devices.
    ...(isNew && log !== undefined && { confirmedTo: log.entries.length }),
    ...extra,
  });
  const chat = await engine.job((batch) => openContact(engine, batch, accountId, publicKey, extra.relayUrl));
  engine.kick();
  return chat;
}

/** What the personal documents say of a contact, made true in the engine's own rows. */
export async function openContact(
  engine: Engine,
  batch: Batch,
  accountId: AccountId,
  publicKey: Public<'Account'>,
  relayUrl: string | undefined,
): Promise<Chat> {
  // Of this job too: an own device may have told of the account just before.
  const known = engine.peers.get(accountId, batch);
  const peer = known ?? newPeer(accountId, publicKey, engine.self.identity.relayUrl);
  // Until the account was heard of, the user's word for where it is counts.
  if (known === undefined || (peer.log === undefined && relayUrl !== undefined))
    engine.peers.put(batch, { ...peer, relayUrl: relayUrl ?? peer.relayUrl });
  const isNewChat = engine.chats.get(engine.people.chatWith(accountId)) === undefined;
  const chat = engine.chats.open(batch, accountId, publicKey);
  // A device that was linked hears of it long after it happened.
  if (isNewChat) await engine.note(batch, chat.chatId, { type: 'Started' }, engine.people.addedAt(accountId));
  batch.then(() => {
    engine.topics.emit('contacts', 'chats');
  });
  engine.absorb.tellMarks(chat, batch, []);
  return chat;
}

interface ContactExtra {
  readonly name?: string;
  readonly handle?: string;
  readonly relayUrl?: string;
}

async function add(
  engine: Engine,
  code: InvitationCode,
  handle?: string,
): ReturnType<Handlers<'addByLink'>['addByLink']> {
  if (code.accountId === engine.self.identity.account.id) return refused({ type: 'ThatIsYou' });
  const chat = await becomeContact(engine, code.accountId, code.publicKey, {
    relayUrl: code.relayUrl,
    ...(code.name !== '' && { name: code.name.slice(0, NAME_LIMIT) }),
    ...(handle !== undefined && { handle }),
  });
  return done({ chatId: chat.chatId });
}

async function lookUp(
  engine: Engine,
  handle: string,
): Promise<{ readonly ok: true; readonly value: InvitationCode } | ReturnType<typeof refused>> {
  const wanted = handle.trim().replace(/^@/, '').toLowerCase();
  if (!isHandle(wanted)) return refused({ type: 'HandleInvalid' });
  const { relayUrl } = engine.self.identity;
  const answer = await engine.directory.ask(relayUrl, 'handle', { path: { handle: wanted } });
  if (!answer.ok) {
    if (answer.error.type === 'Offline') return refused({ type: 'Offline' });
    if (answer.error.type === 'NotFound') return refused({ type: 'HandleUnknown' });
    if (answer.error.type === 'RateLimited') return refused({ type: 'RateLimited', retryAfter: 60_000 });
    return refused({ type: 'RelayRefused', code: answer.error.type });
  }
  const publicKey = toAccountKey(answer.value.accountKey);
  // The handle only leads to an account; the account must be the hash of the key it comes with.
  if (publicKey === undefined || accountIdOf(publicKey) !== answer.value.accountId)
    return refused({ type: 'RelayRefused', code: 'KeyMismatch' });
  const accountId = accountIdOf(publicKey);
  await alarmIfMoved(engine, wanted, accountId);
  return done({ accountId, publicKey, relayUrl, name: '' });
}

/** A known handle that now leads to another account is a loud event. */
async function alarmIfMoved(engine: Engine, handle: string, accountId: AccountId): Promise<void> {
  for (const [known, entry] of engine.personal.contacts.get()) {
    if (entry.handle !== handle || known === accountId) continue;
    await engine.job((batch) => {
      engine.alarms.raise(batch, { type: 'HandleMoved', who: 'relay', accountId: known }, engine.clock.now());
    });
  }
}

async function setVerified(
  engine: Engine,
  accountId: AccountId,
  verified: boolean,
): ReturnType<Handlers<'setVerified'>['setVerified']> {
  const peer = engine.peers.get(accountId);
  if (peer === undefined || !engine.people.isContact(accountId)) return refused({ type: 'UnknownChat' });
  if (engine.people.isVerified(accountId) === verified) return done(null);
  await engine.personal.contacts.set(accountId, { verifiedKey: verified ? toBase64Url(peer.publicKey) : undefined });
  await engine.job((batch) => engine.note(batch, engine.people.chatWith(accountId), { type: 'Verified', verified }));
  return done(null);
}

/** What was kept from devices that came by the recovery phrase goes to them: they are asked, and ask back. */
async function shareHistory(engine: Engine, chatId: ChatId): ReturnType<Handlers<'shareHistory'>['shareHistory']> {
  const chat = engine.chats.get(chatId);
  const peer = chat?.with.peer;
  if (chat === undefined || peer === undefined || !engine.people.isContact(peer))
    return refused({ type: 'UnknownChat' });
  const confirmedTo = engine.peers.get(peer)?.log?.entries.length ?? 0;
  if (confirmedTo > engine.people.confirmedTo(peer)) await engine.personal.contacts.set(peer, { confirmedTo });
  await engine.job((batch) => engine.repair.ask(chat, batch));
  engine.kick();
  return done(null);
}

/** What a link leads to. Without an engine (before onboarding) nobody is known yet. */
export function readInvitation(
  text: string,
  engine?: Engine,
): ReturnType<typeof refused> | ReturnType<typeof done<Invitation>> {
  const code = parseInvitation(text);
  return code === undefined ? refused({ type: 'LinkInvalid' }) : done(toInvitation(engine, code));
}

function toInvitation(engine: Engine | undefined, code: InvitationCode): Invitation {
  const known = engine?.people.stateOf(code.accountId);
  return {
    accountId: code.accountId,
    relayUrl: code.relayUrl,
    self: code.accountId === engine?.self.identity.account.id,
    ...(code.name !== '' && { name: code.name }),
    ...(known !== undefined && { known }),
  };
}

/**
 * What the personal documents say of people and the engine's rows do not: a crash came in between, or another own device.
 * Contacts get their chat; what waits for those that are blocked goes.
 */
export async function adoptContacts(engine: Engine, batch: Batch): Promise<void> {
  for (const [id, { state, publicKey, relayUrl }] of engine.personal.contacts.get()) {
    if (state === 'blocked') engine.outbox.removeAccount(batch, id);
    const known =
      engine.peers.get(id, batch) !== undefined && engine.chats.get(engine.people.chatWith(id)) !== undefined;
    const bytes = fromBase64Url(publicKey);
    const key = bytes && toAccountKey(bytes);
    if (!known && state === 'accepted' && key !== undefined) await openContact(engine, batch, id, key, relayUrl);
  }
}
