import { endpoints, isHttpUrl, toBase64Url } from '@securechat/relay-protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/index.ts';
import { createKeys, createPerson, hashId, randomId, registrationOf } from '../people.ts';
import type { Person, RegistrationChange } from '../people.ts';
import { bytesOf, HOST, World } from '../world.ts';

describe('accounts', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  const register = (person: Person, change: RegistrationChange = {}, host = HOST) =>
    world.call(endpoints.register, registrationOf(person, host, change));

  it('R-ACCOUNT-1: are made by the signature of the account key over the whole registration and the host', async () => {
    const person = createPerson();
    expect(await register(person, {}, 'other.test')).toBe('BadSignature');
    const legal = registrationOf(person, HOST);
    const changes = [
      { version: 2 },
      { deviceLog: Uint8Array.of(9) },
      { devices: [] },
      { accountKey: createKeys().publicKey },
      { by: createKeys().publicKey },
      { recoveryKey: createKeys().publicKey },
    ];
    for (const change of changes)
      expect(await world.call(endpoints.register, { ...legal, ...change })).toBe('BadSignature');
    expect(await world.call(endpoints.register, legal)).toEqual({});
  });

  it('R-ACCOUNT-2: are replaced by a later version, or the same said again; anything else is StaleDeviceLog', async () => {
    const person = createPerson();
    expect(await register(person, { version: 2 })).toEqual({});
    expect(await register(person, { version: 2 })).toEqual({});
    expect(await register(person, { version: 2, deviceLog: Uint8Array.of(2) })).toBe('StaleDeviceLog');
    expect(await register(person, { version: 1 })).toBe('StaleDeviceLog');
    expect(await register(person, { version: 3, deviceLog: Uint8Array.of(3) })).toEqual({});
  });

  it('R-ACCOUNT-3: cannot take a device or mailbox of another, move a device, or name one twice: MailboxTaken', async () => {
    const [ann, bob] = [await world.join(), createPerson()];
    const own = { deviceKey: bob.device.publicKey, mailbox: bob.mailbox };
    expect(await register(bob, { devices: [{ ...own, mailbox: ann.mailbox }] })).toBe('MailboxTaken');
    const annsDevice = { deviceKey: ann.device.publicKey, mailbox: randomId() };
    expect(await register(bob, { devices: [own, annsDevice] })).toBe('MailboxTaken');
    expect(await register(bob, { devices: [own, { ...own, mailbox: randomId() }] })).toBe('MailboxTaken');
    expect(await register(bob, { devices: [own, { ...own, deviceKey: createKeys().publicKey }] })).toBe('MailboxTaken');
    expect(await register(bob)).toEqual({});
    expect(await register(bob, { version: 2, devices: [{ ...own, mailbox: randomId() }] })).toBe('MailboxTaken');
  });

  it('R-ACCOUNT-4: by invite only are made with one of the codes; updates need none', async () => {
    world = new World({ config: { registration: { type: 'invite', codes: ['let-me-in', 'other'] } } });
    const person = createPerson();
    expect(await register(person)).toBe('InviteNeeded');
    expect(await register(person, { invite: 'let-me' })).toBe('InviteNeeded');
    expect(await register(person, { invite: 'let-me-in' })).toEqual({});
    expect(await register(person, { version: 2 })).toEqual({});
  });

  it('R-ACCOUNT-5: that lose a device lose its mailbox with all that is in it', async () => {
    const person = await world.join();
    const sender = world.dial();
    sender.post([person.mailbox], bytesOf('1'));
    await world.clock.advance(5);
    expect(await world.store.usage(person.mailbox)).toEqual({ count: 1, bytes: 1 });
    await register(person, { version: 2, devices: [] });
    expect(await world.store.usage(person.mailbox)).toBeUndefined();
  });

  it('R-ACCOUNT-6: are found by id with the key that hashes to it and the log as it was given', async () => {
    const person = await world.join();
    const found = await world.call(endpoints.account, {}, { params: { accountId: person.accountId } });
    expect(found).toEqual({ accountKey: person.account.publicKey, deviceLog: Uint8Array.of(1) });
    expect(hashId('SecureChat account v1', person.account.publicKey)).toBe(person.accountId);
    expect(await world.call(endpoints.account, {}, { params: { accountId: createPerson().accountId } })).toBe(
      'NotFound',
    );
    expect(await world.call(endpoints.account, {}, { params: { accountId: 'short' } })).toBe('Malformed');
  });
});

describe('handles', () => {
  it('R-HANDLE-1: lead to an account; one account has one, and one handle has one account', async () => {
    const world = new World();
    const [ann, bob] = [await world.join(), await world.join()];
    const [annToken, bobToken] = [await world.tokenOf(ann), await world.tokenOf(bob)];
    const look = (handle: string) => world.call(endpoints.handle, {}, { params: { handle } });
    expect(await world.call(endpoints.putHandle, { handle: 'ann' }, { token: annToken })).toEqual({});
    expect(await world.call(endpoints.putHandle, { handle: 'ann' }, { token: bobToken })).toBe('HandleTaken');
    expect(await look('ann')).toEqual({ accountId: ann.accountId, accountKey: ann.account.publicKey });
    expect(await world.call(endpoints.deleteHandle, {}, { token: annToken })).toEqual({});
    expect(await look('ann')).toBe('NotFound');
    expect(await world.call(endpoints.putHandle, { handle: 'ann' }, { token: bobToken })).toEqual({});
  });

  it('R-HANDLE-2: are 3 to 30 of a-z, 0-9, underscore and full stop', async () => {
    const world = new World();
    const token = await world.tokenOf(await world.join());
    for (const handle of ['ab', 'Ann', 'a b', 'x'.repeat(31)]) {
      expect(await world.call(endpoints.putHandle, { handle }, { token })).toBe('Malformed');
    }
    expect(await world.call(endpoints.putHandle, { handle: 'a.n_1' })).toBe('TokenInvalid');
  });
});

describe('pre-keys', () => {
  const oneTime = (...ids: number[]) => ids.map((id) => ({ id, bytes: Uint8Array.of(id) }));

  it('R-PREKEY-1: come as bundles of the devices that published; a one-time pre-key is handed out once, also to claims at once', async () => {
    const world = new World();
    const bob = await world.join();
    const token = await world.tokenOf(bob);
    const signed = bytesOf('signed bundle');
    expect(await world.call(endpoints.publishPreKeys, { signed, oneTime: oneTime(1, 2, 3) }, { token })).toEqual({});
    expect(await world.call(endpoints.countPreKeys, {}, { token })).toEqual({ oneTime: 3 });
    const claims = await Promise.all(
      [1, 2, 3, 4].map(() => world.call(endpoints.claimPreKeys, { accountId: bob.accountId })),
    );
    const devices = claims.map((claim) => (typeof claim === 'string' ? undefined : claim.devices[0]));
    expect(devices.map((device) => device?.oneTime?.id).sort()).toEqual([1, 2, 3, undefined]);
    expect(devices[0]).toMatchObject({ deviceKey: bob.device.publicKey, mailbox: bob.mailbox, signed });
    expect(await world.call(endpoints.countPreKeys, {}, { token })).toEqual({ oneTime: 0 });
  });

  it('R-PREKEY-2: are replaced by each publication; what was handed out is not offered again', async () => {
    const world = new World();
    const bob = await world.join();
    const token = await world.tokenOf(bob);
    await world.call(endpoints.publishPreKeys, { signed: Uint8Array.of(1), oneTime: oneTime(1, 2) }, { token });
    await world.call(endpoints.claimPreKeys, { accountId: bob.accountId });
    await world.call(endpoints.publishPreKeys, { signed: Uint8Array.of(2), oneTime: oneTime(1, 2, 3) }, { token });
    expect(await world.call(endpoints.countPreKeys, {}, { token })).toEqual({ oneTime: 2 });
  });

  it('R-PREKEY-3: cannot be drained: claimed too often of one account or by one caller, they come without one-time pre-keys', async () => {
    const claimsOfTarget = { perSecond: 1 / 60, burst: 2 };
    const world = new World({ config: { rates: { ...DEFAULT_CONFIG.rates, claimsOfTarget } } });
    const bob = await world.join();
    const token = await world.tokenOf(bob);
    await world.call(endpoints.publishPreKeys, { signed: Uint8Array.of(1), oneTime: oneTime(1, 2, 3, 4) }, { token });
    const claim = async (address: string): Promise<number | undefined> => {
      const answer = await world.call(endpoints.claimPreKeys, { accountId: bob.accountId }, { address });
      return typeof answer === 'string' ? -1 : answer.devices[0]?.oneTime?.id;
    };
    expect([await claim('203.0.113.1'), await claim('203.0.113.2'), await claim('203.0.113.3')]).toEqual([
      1,
      2,
      undefined,
    ]);
    await world.clock.advance(60_000);
    expect(await claim('203.0.113.4')).toBe(3);
  });

  it('R-PREKEY-4: of an unknown account are NotFound; of chosen devices only those', async () => {
    const world = new World();
    const bob = await world.join();
    expect(await world.call(endpoints.claimPreKeys, { accountId: createPerson().accountId })).toBe('NotFound');
    await world.call(
      endpoints.publishPreKeys,
      { signed: Uint8Array.of(1), oneTime: [] },
      { token: await world.tokenOf(bob) },
    );
    const none = await world.call(endpoints.claimPreKeys, {
      accountId: bob.accountId,
      deviceIds: [createPerson().deviceId],
    });
    expect(none).toMatchObject({ devices: [] });
    const some = await world.call(endpoints.claimPreKeys, { accountId: bob.accountId, deviceIds: [bob.deviceId] });
    expect(some).toMatchObject({ devices: [{ signed: Uint8Array.of(1) }] });
  });
});

describe('storage tokens', () => {
  it('R-STORAGE-1: are for the storage server, under a pseudonym that is not the account or device id', async () => {
    const world = new World();
    const bob = await world.join();
    const answer = await world.call(endpoints.storageToken, {}, { token: await world.tokenOf(bob) });
    const payload = Buffer.from(
      (typeof answer === 'string' ? '' : answer.token).split('.')[1] ?? '',
      'base64url',
    ).toString();
    const claims = JSON.parse(payload) as Record<string, unknown>;
    expect(claims).toMatchObject({ aud: 'securechat-storage' });
    expect(claims.sub).toMatch(/^[\w-]{22}$/);
    for (const secret of [bob.accountId, bob.deviceId, toBase64Url(bob.mailbox)]) expect(payload).not.toContain(secret);
    expect(await world.call(endpoints.storageToken, {}, { token: await world.tokenOf(bob) })).toMatchObject({
      token: expect.stringContaining('.') as string,
    });
  });

  it('R-STORAGE-2: say where the storage server is, if the relay was told', async () => {
    for (const storageUrl of [undefined, 'https://files.example/here']) {
      const world = new World({ config: { storageUrl } });
      const bob = await world.join();
      const answer = await world.call(endpoints.storageToken, {}, { token: await world.tokenOf(bob) });
      expect(typeof answer === 'string' ? answer : answer.url).toBe(storageUrl);
    }
  });

  it('R-STORAGE-2: the url is an http(s) URL in its one spelling', () => {
    for (const good of ['https://files.example', 'http://127.0.0.1:8788', 'https://chat.example/files/here'])
      expect(isHttpUrl(good), good).toBe(true);
    for (const bad of [
      '',
      'files.example',
      'ftp://files.example',
      'https://files.example/',
      'https://a:b@files.example',
    ])
      expect(isHttpUrl(bad), bad).toBe(false);
    for (const bad of [
      'https://files.example/?a',
      'https://files.example#a',
      'https://Files.example',
      'https://a/../b',
    ])
      expect(isHttpUrl(bad), bad).toBe(false);
    expect(isHttpUrl(`https://files.example/${'a'.repeat(300)}`)).toBe(false);
  });
});
