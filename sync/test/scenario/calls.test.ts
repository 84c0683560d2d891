/** Every way in which a call can be refused, and that a refused call changes nothing. */
import { accountIdOf, createAccount, seededRandom, toBase64Url } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ClientError } from '../../src/api.ts';
import { invitationLink } from '../../src/contacts/invitation.ts';
import { type Couple, addContact, couple, drive, look, prepare, send, texts } from '../simulation/setup.ts';
import { RELAY_URL, World } from '../simulation/world.ts';

beforeAll(prepare);

function error(type: ClientError['type'], more: object = {}) {
  return { ok: false, error: expect.objectContaining({ type, ...more }) as unknown };
}

function idOf({ ann, bob }: Couple, who: 'ann' | 'bob'): string {
  return (who === 'ann' ? ann : bob).engine?.self.identity.account.id ?? '';
}

const NOBODY = 'AAAAAAAAAAAAAAAAAAAAAA';
const CALL = 'c'.repeat(22);

describe('calls', () => {
  it('S-CALL-1 NotOpen: nothing but life itself works without an account', async () => {
    const ann = new World(41, 0).makeDevice('Ann');
    await ann.open();
    expect(await ann.client.call('sendMessage', { id: CALL, chatId: NOBODY, text: 'x' })).toEqual(error('NotOpen'));
    expect(await ann.client.call('unlock', { passphrase: 'whatever it is' })).toEqual(error('NotOpen'));
    expect(await ann.client.call('setPassphrase', { next: 'whatever it is' })).toEqual(error('NotOpen'));
    expect(await ann.client.call('lock', null)).toEqual(error('NotOpen'));
  });

  it('S-CALL-2 NameEmpty, TooLong, PassphraseTooShort, RelayRefused: onboarding says what is wrong, and may be tried again', async () => {
    const ann = new World(42, 0).makeDevice('Ann');
    await ann.open();
    const create = (input: { name?: string; passphrase?: string; relayUrl?: string; avatarBytes?: number }) =>
      ann.client.call('createAccount', {
        name: input.name ?? 'Ann',
        relayUrl: input.relayUrl ?? RELAY_URL,
        ...(input.passphrase !== undefined && { passphrase: input.passphrase }),
        ...(input.avatarBytes !== undefined && {
          avatar: { type: 'image/png' as const, bytes: new Uint8Array(input.avatarBytes) },
        }),
      });
    expect(await create({ name: '  ' })).toEqual(error('NameEmpty'));
    expect(await create({ name: 'x'.repeat(65) })).toEqual(error('TooLong', { limit: 64 }));
    expect(await create({ avatarBytes: 32 * 1024 + 1 })).toEqual(error('TooLong', { limit: 32 * 1024 }));
    expect(await create({ passphrase: '1234567' })).toEqual(error('PassphraseTooShort', { minimum: 8 }));
    for (const relayUrl of ['nowhere', 'ws://relay.test', 'http://relay.test/', `http://${'a.'.repeat(200)}test`])
      expect(await create({ relayUrl })).toEqual(error('RelayRefused', { code: 'NotAUrl' }));
    expect((await create({})).ok).toBe(true);
  });

  it('S-CALL-3 LinkInvalid, ThatIsYou: what a link leads to is checked before anything is added', async () => {
    const here = await couple();
    const { ann } = here;
    const own = await ann.client.call('invite', { origin: 'https://app.test' });
    const link = own.ok ? own.value.link : '';
    const weak = invitationLink('https://app.test', {
      publicKey: new Uint8Array(32) as Parameters<typeof invitationLink>[1]['publicKey'],
      relayUrl: RELAY_URL,
      name: 'nobody can have this key',
    });
    for (const text of ['', 'hello', 'https://app.test/add#AQ', weak]) {
      expect(await ann.client.call('readInvitation', { text })).toEqual(error('LinkInvalid'));
      expect(await ann.client.call('addByLink', { text })).toEqual(error('LinkInvalid'));
    }
    expect(await ann.client.call('readInvitation', { text: link })).toMatchObject({ value: { self: true } });
    expect(await ann.client.call('addByLink', { text: link })).toEqual(error('ThatIsYou'));
    expect(await look(ann.client, 'contacts', null)).toHaveLength(1);
  });

  it('S-CALL-4 HandleInvalid, HandleTaken, HandleUnknown, Offline: handles', async () => {
    const here = await couple();
    const { world, ann, bob } = here;
    const claim = (device: typeof ann, handle: string) => drive(world, device.client.call('claimHandle', { handle }));
    expect(await claim(ann, 'no spaces')).toEqual(error('HandleInvalid'));
    expect(await drive(world, ann.client.call('findHandle', { handle: '!' }))).toEqual(error('HandleInvalid'));
    expect((await claim(ann, '@Ann_1')).ok).toBe(true);
    expect((await look(ann.client, 'profile', null)).handle).toBe('ann_1');
    expect(await claim(bob, 'ann_1')).toEqual(error('HandleTaken'));
    expect(await drive(world, bob.client.call('findHandle', { handle: 'nobody' }))).toEqual(error('HandleUnknown'));
    expect(await drive(world, bob.client.call('findHandle', { handle: 'ann_1' }))).toMatchObject({
      value: { accountId: idOf(here, 'ann'), known: 'accepted' },
    });
    ann.line.cut = true;
    ann.line.hangUp();
    await world.pass(1_000);
    expect(await claim(ann, 'other')).toEqual(error('Offline'));
    expect(await drive(world, ann.client.call('releaseHandle', null))).toEqual(error('Offline'));
    expect(await drive(world, ann.client.call('findHandle', { handle: 'ann_1' }))).toEqual(error('Offline'));
    expect((await look(ann.client, 'profile', null)).handle).toBe('ann_1');
    ann.line.cut = false;
    await world.pass(120_000);
    expect((await drive(world, ann.client.call('releaseHandle', null))).ok).toBe(true);
    expect((await look(ann.client, 'profile', null)).handle).toBeUndefined();
  });

  it('S-CALL-4 RateLimited, RelayRefused: what the relay says is passed on', async () => {
    const { world, ann } = await couple();
    const http = world.http.bind(world);
    let answer: { status: number; body: unknown } | undefined;
    world.http = (...input) => (answer === undefined ? http(...input) : Promise.resolve(answer));
    const refuse = (status: number, code: string): void => {
      answer = { status, body: { error: { code, message: '' } } };
    };
    refuse(429, 'RateLimited');
    expect(await drive(world, ann.client.call('claimHandle', { handle: 'ann' }))).toEqual(error('RateLimited'));
    expect(await drive(world, ann.client.call('findHandle', { handle: 'ann' }))).toEqual(error('RateLimited'));
    refuse(500, 'Internal');
    const refused = error('RelayRefused', { code: 'Internal' });
    expect(await drive(world, ann.client.call('claimHandle', { handle: 'ann' }))).toEqual(refused);
    // A handle that leads to a key which is not that account's.
    const { publicKey } = createAccount(seededRandom(new Uint8Array(32).fill(3)));
    answer = {
      status: 200,
      body: { accountId: ann.engine?.self.identity.account.id, accountKey: toBase64Url(publicKey) },
    };
    const mismatch = error('RelayRefused', { code: 'KeyMismatch' });
    expect(await drive(world, ann.client.call('addByHandle', { handle: 'bob' }))).toEqual(mismatch);
    const nothing = new Uint8Array(32);
    answer = {
      status: 200,
      body: { accountId: accountIdOf(nothing as typeof publicKey), accountKey: toBase64Url(nothing) },
    };
    expect(await drive(world, ann.client.call('addByHandle', { handle: 'bob' }))).toEqual(mismatch);
  });

  it('S-CALL-5 UnknownChat: calls about chats and people that are not there', async () => {
    const here = await couple();
    const { client } = here.ann;
    const [recordId, accountId] = ['r'.repeat(24), 'somebody'];
    const self = (await look(client, 'chats', null)).find((chat) => chat.kind === 'self')?.chatId ?? '';
    for (const answer of [
      client.call('sendMessage', { id: CALL, chatId: NOBODY, text: 'x' }),
      client.call('editMessage', { chatId: NOBODY, recordId, text: 'x' }),
      client.call('react', { chatId: NOBODY, recordId, emoji: '👍' }),
      client.call('deleteForEveryone', { chatId: NOBODY, recordId }),
      client.call('deleteForMe', { chatId: NOBODY, recordId, hidden: true }),
      client.call('setStarred', { chatId: NOBODY, recordId, starred: true }),
      client.call('setDraft', { chatId: NOBODY, text: 'x' }),
      client.call('setTyping', { chatId: NOBODY, typing: true }),
      client.call('markRead', { chatId: NOBODY, upTo: recordId }),
      client.call('setChatFlags', { chatId: NOBODY, pinned: true }),
      client.call('acceptRequest', { chatId: NOBODY }),
      client.call('acceptRequest', { chatId: self }),
      client.call('setBlocked', { accountId, blocked: true }),
      client.call('setNickname', { accountId, nickname: 'x' }),
      client.call('safetyNumber', { accountId }),
      client.call('setVerified', { accountId, verified: true }),
      client.call('verifyByQr', { accountId, qr: 'x' }),
      client.call('shareHistory', { chatId: NOBODY }),
      client.call('shareHistory', { chatId: self }),
    ])
      expect(await answer).toEqual(error('UnknownChat'));
  });

  it('S-CALL-6 UnknownMessage, NotYours, TooLong: calls about messages', async () => {
    const { world, ann, bob, chatId } = await couple();
    const { client } = ann;
    const mine = await send(ann, chatId, 'mine');
    await world.pass(1_000);
    const theirs = await send(bob, chatId, 'theirs');
    await world.pass(5_000);
    const edit = (recordId: string, text = 'x') => client.call('editMessage', { chatId, recordId, text });
    expect(await edit('r'.repeat(24))).toEqual(error('UnknownMessage'));
    expect(await edit(theirs)).toEqual(error('NotYours'));
    expect(await client.call('deleteForEveryone', { chatId, recordId: theirs })).toEqual(error('NotYours'));
    for (const text of ['', '  \n', 'x'.repeat(8001)]) {
      expect(await edit(mine, text)).toEqual(error('TooLong', { limit: 8000 }));
      expect(await client.call('sendMessage', { id: CALL, chatId, text })).toEqual(error('TooLong', { limit: 8000 }));
    }
    for (const emoji of ['', '👍'.repeat(17)])
      expect(await client.call('react', { chatId, recordId: mine, emoji })).toEqual(error('TooLong', { limit: 64 }));
    const accountId = bob.engine?.self.identity.account.id ?? '';
    expect(await client.call('setNickname', { accountId, nickname: 'x'.repeat(65) })).toEqual(error('TooLong'));
    await client.call('deleteForEveryone', { chatId, recordId: mine });
    expect(await edit(mine)).toEqual(error('UnknownMessage'));
    expect(await texts(ann, chatId)).toEqual(['', 'theirs']);
  });

  it('S-CALL-7 Blocked: nobody is written to whom the user blocked', async () => {
    const here = await couple();
    const { ann, chatId } = here;
    const recordId = await send(ann, chatId, 'before');
    await ann.client.call('setBlocked', { accountId: idOf(here, 'bob'), blocked: true });
    expect(await ann.client.call('sendMessage', { id: CALL, chatId, text: 'x' })).toEqual(error('Blocked'));
    expect(await ann.client.call('react', { chatId, recordId, emoji: '👍' })).toEqual(error('Blocked'));
  });

  it('S-CALL-8 QrMismatch: a scanned code verifies exactly its own pair', async () => {
    const here = await couple();
    const { ann, bob } = here;
    const accountId = idOf(here, 'bob');
    const theirs = await bob.client.call('safetyNumber', { accountId: idOf(here, 'ann') });
    const mine = await ann.client.call('safetyNumber', { accountId });
    if (!theirs.ok || !mine.ok) throw new Error('no safety number');
    expect(theirs.value.digits).toBe(mine.value.digits);
    expect(await ann.client.call('verifyByQr', { accountId, qr: 'something else' })).toEqual(error('QrMismatch'));
    const isVerified = async () => (await look(ann.client, 'contacts', null))[0]?.verified;
    expect(await isVerified()).toBe(false);
    expect((await ann.client.call('verifyByQr', { accountId, qr: theirs.value.qr })).ok).toBe(true);
    expect(await isVerified()).toBe(true);
  });

  it('S-CALL-9 a repeated call with one id answers the first one’s message', async () => {
    const { world, ann, bob, chatId } = await couple();
    const one = await send(ann, chatId, 'once', CALL);
    expect(await send(ann, chatId, 'twice', CALL)).toBe(one);
    await ann.restart();
    expect(await send(ann, chatId, 'thrice', CALL)).toBe(one);
    await world.pass(10_000);
    expect(await texts(bob, chatId)).toEqual(['once']);
  });

  it('S-CALL-10 a handle that moves to another account is a loud event', async () => {
    const world = new World(47, 0);
    const [ann, bob, eve] = [await world.addDevice('Ann'), await world.addDevice('Bob'), await world.addDevice('Eve')];
    await world.pass(1_000);
    await drive(world, bob.client.call('claimHandle', { handle: 'bob' }));
    await drive(world, ann.client.call('addByHandle', { handle: 'bob' }));
    await drive(world, bob.client.call('releaseHandle', null));
    await drive(world, eve.client.call('claimHandle', { handle: 'bob' }));
    await drive(world, ann.client.call('findHandle', { handle: 'bob' }));
    expect((await look(ann.client, 'alarms', null)).map((alarm) => alarm.type)).toEqual(['HandleMoved']);
    const [alarm] = await look(ann.client, 'alarms', null);
    await ann.client.call('dismissAlarm', { id: alarm?.id ?? '' });
    expect(await look(ann.client, 'alarms', null)).toEqual([]);
  });

  it('S-DIRECT-3 what waits for someone is not sent any more once they are blocked', async () => {
    const here = await couple();
    const { world, ann, bob, chatId } = here;
    ann.line.cut = true;
    ann.line.hangUp();
    await send(ann, chatId, 'changed my mind');
    await ann.client.call('setBlocked', { accountId: idOf(here, 'bob'), blocked: true });
    ann.line.cut = false;
    await world.pass(10 * 60_000);
    expect(await texts(bob, chatId)).toEqual([]);
    await ann.client.call('setBlocked', { accountId: idOf(here, 'bob'), blocked: false });
    await world.pass(10 * 60_000);
    expect(await texts(bob, chatId)).toEqual(['changed my mind']);
  });

  it('S-DIRECT-2 a stranger learns nothing, not even by naming a relay of their own', async () => {
    const world = new World(48, 0);
    const asked: string[] = [];
    const http = world.http.bind(world);
    const [ann, bob] = [await world.addDevice('Ann'), await world.addDevice('Bob')];
    await world.pass(1_000);
    world.http = (url, request, address) => {
      asked.push(`${address} ${request.path}`);
      return http(url, request, address);
    };
    const chatId = await addContact(ann, bob);
    await send(ann, chatId, 'hello');
    await world.pass(60 * 60_000);
    expect(asked.filter((line) => line.startsWith('Bob'))).toEqual([]);
    expect((await ann.timeline(chatId))[0]?.tick).toBe('sent');
  });
});
