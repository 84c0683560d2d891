import { endpoints, LABELS, registrationBytes, signInBytes } from '@securechat/relay-protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/index.ts';
import { createPerson, registrationOf, signInSignature, signWith, type Person } from '../people.ts';
import type { TestSocket } from '../world.ts';
import { bytesOf, HOST, World } from '../world.ts';

describe('sign-in', () => {
  let world: World;
  let bob: Person = createPerson();
  beforeEach(async () => {
    world = new World();
    bob = await world.join();
  });

  async function challengeFor(deviceId: string): Promise<Uint8Array> {
    const asked = await world.call(endpoints.challenge, { deviceId });
    if (typeof asked === 'string') throw new Error(asked);
    return asked.challenge;
  }
  const trade = (person: Person, challenge: Uint8Array, signature = signInSignature(person, challenge, HOST)) =>
    world.call(endpoints.signIn, { deviceId: person.deviceId, challenge, signature });

  it('R-SIGN-1: starts with a challenge, fresh each time, for any device id', async () => {
    const [one, two] = [await challengeFor(bob.deviceId), await challengeFor(createPerson().deviceId)];
    expect(one.length).toBe(32);
    expect(one).not.toEqual(two);
  });

  it("R-SIGN-2: trades the device key's signature over challenge and host for a token", async () => {
    const challenge = await challengeFor(bob.deviceId);
    expect(await trade(bob, challenge, signInSignature(bob, challenge, 'other.test'))).toBe('BadSignature');
    expect(await trade(bob, challenge, signWith(bob.account, LABELS.signIn, signInBytes(challenge, HOST)))).toBe(
      'BadSignature',
    );
    const session = await trade(bob, challenge);
    expect(session).toMatchObject({ expiresAt: world.clock.now() + DEFAULT_CONFIG.tokenMs });
  });

  it('R-SIGN-3: takes a challenge once, from its device, before it expires, and only its own', async () => {
    const challenge = await challengeFor(bob.deviceId);
    expect(await trade(bob, challenge)).toHaveProperty('token');
    expect(await trade(bob, challenge)).toBe('ChallengeUnknown');
    const ann = await world.join();
    expect(await trade(ann, await challengeFor(bob.deviceId))).toBe('ChallengeUnknown');
    expect(await trade(bob, new Uint8Array(32))).toBe('ChallengeUnknown');
    const late = await challengeFor(bob.deviceId);
    await world.clock.advance(DEFAULT_CONFIG.challengeMs);
    expect(await trade(bob, late)).toBe('ChallengeUnknown');
    const stranger = createPerson();
    expect(await trade(stranger, await challengeFor(stranger.deviceId))).toBe('NotFound');
  });

  it('R-SIGN-4: refuses a token that is malformed, expired or meant for something else', async () => {
    const token = await world.tokenOf(bob);
    const storage = await world.call(endpoints.storageToken, {}, { token });
    const tokens = ['nonsense', `${token}x`, typeof storage === 'string' ? storage : storage.token];
    for (const wrong of tokens) {
      const socket = world.dial();
      socket.say({ type: 'signIn', token: wrong });
      await world.clock.advance(1);
      expect(socket.received).toEqual([{ type: 'error', code: 'TokenInvalid' }]);
      expect(socket.isClosed).toBe(true);
    }
    await world.clock.advance(DEFAULT_CONFIG.tokenMs);
    const socket = world.dial();
    socket.say({ type: 'signIn', token });
    await world.clock.advance(1);
    expect(socket.received).toEqual([{ type: 'error', code: 'TokenInvalid' }]);
    expect(await world.call(endpoints.countPreKeys, {}, { token })).toBe('TokenInvalid');
  });

  it('R-SIGN-5: obeys what follows a signIn frame after it, in order', async () => {
    const socket = world.dial();
    socket.say({ type: 'signIn', token: await world.tokenOf(bob) });
    socket.say({ type: 'ping' });
    const id = socket.post([bob.mailbox], bytesOf('note to self'));
    await world.clock.advance(5);
    socket.ack(id);
    await world.clock.advance(5);
    expect(socket.received.map((frame) => frame.type)).toEqual(['welcome', 'drained', 'pong', 'deliver', 'accepted']);
  });

  it('R-SIGN-6: happens once on a connection', async () => {
    const socket = await world.connect(bob);
    socket.say({ type: 'signIn', token: await world.tokenOf(bob) });
    await world.clock.advance(1);
    expect(socket.received.at(-1)).toEqual({ type: 'error', code: 'BadFrame' });
  });

  it('R-SIGN-7: on a newer connection ends the older one of the same device, and loses nothing', async () => {
    const ann = await world.join();
    const fromAnn = await world.connect(ann);
    const older = await world.connect(bob);
    fromAnn.post([bob.mailbox], bytesOf('on the wire'));
    const newer = await world.connect(bob);
    expect(older.received.at(-1)).toEqual({ type: 'error', code: 'ReplacedByNewer' });
    expect(older.isClosed).toBe(true);
    expect(newer.delivered).toEqual(['on the wire']);
    older.hangUp();
    const id = fromAnn.post([bob.mailbox], bytesOf('still here'));
    newer.ack(id);
    expect(newer.delivered.at(-1)).toBe('still here');
  });

  it('R-SIGN-8: ends when the device is removed: connection, token and mailbox', async () => {
    const token = await world.tokenOf(bob);
    const socket = await world.connect(bob);
    const change = { version: 2, devices: [] };
    expect(await world.call(endpoints.register, registrationOf(bob, HOST, change))).toEqual({});
    expect(socket.received.at(-1)).toEqual({ type: 'error', code: 'NotSignedIn' });
    expect(await world.call(endpoints.countPreKeys, {}, { token })).toBe('TokenInvalid');
    const again = world.dial();
    again.say({ type: 'signIn', token });
    await world.clock.advance(1);
    expect(again.received).toEqual([{ type: 'error', code: 'NotSignedIn' }]);
    const ann = await world.connect(await world.join());
    ann.post([bob.mailbox], bytesOf('gone'));
    await world.clock.advance(5);
    expect(ann.all('refused')[0]?.failures[0]?.code).toBe('MailboxUnknown');
  });

  it('R-SIGN-9: is needed to ack', () => {
    const socket = world.dial();
    socket.ack(new Uint8Array(16) as Parameters<TestSocket['ack']>[0]);
    expect(socket.received).toEqual([{ type: 'error', code: 'NotSignedIn' }]);
  });

  it('R-SIGN-10: with configured hosts takes signatures for those only, whatever host was dialled', async () => {
    world = new World({ config: { publicHosts: ['chat.example'] } });
    const person = createPerson();
    expect(await world.call(endpoints.register, registrationOf(person, HOST))).toBe('BadSignature');
    const body = registrationOf(person, 'chat.example');
    const request = new Request('http://chat.example/v1/accounts', {
      method: 'POST',
      body: JSON.stringify(endpoints.register.request.print(body)),
    });
    expect((await world.relay.http(request, { address: '' })).status).toBe(200);
    expect(registrationBytes(body, HOST)).not.toEqual(registrationBytes(body, 'chat.example'));
  });
});
