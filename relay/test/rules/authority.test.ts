/** One account of two devices and a recovery key; one of the devices is unlinked and keeps all it ever had. */
import { endpoints, ID_LABELS, KEPT_MAILBOX, LABELS, registrationBytes } from '@securechat/relay-protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { anotherDeviceOf, createKeys, createPerson, entryOf, hashId, registrationOf, signWith } from '../people.ts';
import { signInSignature, type Keys, type Person, type RegistrationChange } from '../people.ts';
import { bytesOf, HOST, World } from '../world.ts';

let world: World;
let laptop: Person;
let phone: Person;
let phrase: Keys;

/** A registration of the account: version `version`, with these devices, signed by `by` and by the account key. */
const said = (version: number, devices: readonly Person[], by: Keys, change: RegistrationChange = {}) =>
  registrationOf(laptop, HOST, {
    version,
    deviceLog: Uint8Array.of(version),
    devices: devices.map(entryOf),
    recoveryKey: phrase.publicKey,
    by,
    ...change,
  });
const register = (...args: Parameters<typeof said>) => world.call(endpoints.register, said(...args));
const logNow = async (): Promise<unknown> => {
  const found = await world.call(endpoints.account, {}, { params: { accountId: laptop.accountId } });
  return typeof found === 'string' ? found : found.deviceLog[0];
};
const lookUp = ({ publicKey }: Keys) =>
  world.call(endpoints.recovery, {}, { params: { recoveryId: hashId(ID_LABELS.recovery, publicKey) } });

beforeEach(async () => {
  world = new World();
  laptop = createPerson();
  phone = anotherDeviceOf(laptop);
  phrase = createKeys();
  expect(await register(1, [laptop], laptop.device)).toEqual({});
  expect(await register(2, [laptop, phone], laptop.device)).toEqual({});
});

describe('a device that was unlinked and kept the account secret', () => {
  beforeEach(async () => {
    expect(await register(3, [laptop], laptop.device)).toEqual({});
  });

  it('R-ACCOUNT-7: does not register itself again, nor a new device of its own', async () => {
    expect(await register(4, [laptop, phone], phone.device)).toBe('NotAuthorised');
    const tablet = anotherDeviceOf(laptop);
    expect(await register(4, [laptop, phone, tablet], tablet.device)).toBe('NotAuthorised');
    expect(await logNow()).toBe(3);
    expect(await world.store.usage(tablet.mailbox)).toBeUndefined();
  });

  it('R-ACCOUNT-7: does not replace the others, and their mail is safe', async () => {
    world.dial().post([laptop.mailbox], bytesOf('for the laptop'));
    await world.clock.advance(5);
    for (const devices of [[phone], []]) expect(await register(9, devices, phone.device)).toBe('NotAuthorised');
    expect((await world.connect(laptop)).delivered).toEqual(['for the laptop']);
  });

  it('R-ACCOUNT-7: does not come back by what was signed while it was in, at this version or another', async () => {
    const old = said(2, [laptop, phone], laptop.device);
    expect(await world.call(endpoints.register, old)).toBe('StaleDeviceLog');
    expect(await world.call(endpoints.register, { ...old, version: 4 })).toBe('BadSignature');
    const renewed = said(4, [laptop, phone], phone.device);
    const stolen = { ...renewed, by: old.by, authority: old.authority };
    expect(await world.call(endpoints.register, stolen)).toBe('BadSignature');
    expect(await logNow()).toBe(3);
  });

  it('R-ACCOUNT-7: does not speak for a device that it does not hold, whatever signature it brings', async () => {
    const forged = { ...phone.device, publicKey: laptop.device.publicKey };
    expect(await register(4, [laptop, phone], forged)).toBe('NotAuthorised');
    const asAccount = { ...laptop.account, publicKey: laptop.device.publicKey };
    expect(await register(4, [laptop, phone], asAccount)).toBe('NotAuthorised');
    expect(await register(4, [laptop, phone], laptop.account)).toBe('NotAuthorised');
  });

  it('R-ACCOUNT-7: does not bring in a recovery key of its own', async () => {
    const own = createKeys();
    expect(await register(4, [laptop], phone.device, { recoveryKey: own.publicKey })).toBe('NotAuthorised');
    expect(await register(4, [laptop, phone], own, { recoveryKey: own.publicKey })).toBe('NotAuthorised');
    expect(await lookUp(own)).toBe('NotFound');
  });

  it('R-ACCOUNT-7: is too late when it speaks at the same moment', async () => {
    world = new World();
    await register(1, [laptop, phone], laptop.device);
    const answers = await Promise.all([register(2, [laptop], laptop.device), register(3, [phone], phone.device)]);
    expect(answers).toEqual([{}, 'NotAuthorised']);
  });

  it('R-ACCOUNT-10: zeros keep the mailbox of a device of the account, and of no other', async () => {
    const kept = (person: Person) => ({ ...entryOf(person), mailbox: KEPT_MAILBOX });
    const [desk, tablet] = [anotherDeviceOf(laptop), anotherDeviceOf(laptop)];
    expect(await register(7, [laptop, desk], laptop.device)).toEqual({});
    world.dial().post([desk.mailbox], bytesOf('for the desk'));
    await world.clock.advance(5);
    const devices = [entryOf(laptop), kept(desk)];
    expect(await register(8, [laptop, desk], laptop.device, { devices })).toEqual({});
    expect((await world.connect(desk)).delivered).toEqual(['for the desk']);
    const stranger = createPerson();
    expect(await world.call(endpoints.register, registrationOf(stranger, HOST))).toEqual({});
    for (const device of [tablet, stranger])
      expect(await register(9, [laptop], laptop.device, { devices: [entryOf(laptop), kept(device)] })).toBe(
        'MailboxTaken',
      );
    expect(await logNow()).toBe(8);
  });

  it('R-ACCOUNT-9: gets a challenge as any id does, and at sign-in the answer of an unknown device', async () => {
    const answers = [];
    for (const person of [phone, createPerson()]) {
      const asked = await world.call(endpoints.challenge, { deviceId: person.deviceId });
      if (typeof asked === 'string') throw new Error(asked);
      const signature = signInSignature(person, asked.challenge, HOST);
      const { deviceId } = person;
      answers.push(await world.call(endpoints.signIn, { deviceId, challenge: asked.challenge, signature }));
    }
    expect(answers).toEqual(['NotFound', 'NotFound']);
  });
});

describe('who may change an account', () => {
  it('R-ACCOUNT-7: any device of what is stored: adds another, removes another, removes itself', async () => {
    const tablet = anotherDeviceOf(laptop);
    expect(await register(3, [laptop, phone, tablet], phone.device)).toEqual({});
    expect(await register(4, [phone, tablet], tablet.device)).toEqual({});
    expect(await register(5, [phone], tablet.device)).toEqual({});
    expect(await register(6, [phone, tablet], tablet.device)).toBe('NotAuthorised');
  });

  it('R-ACCOUNT-7: nobody whose signature as authority is over something else, or under another label', async () => {
    const legal = said(3, [laptop], laptop.device);
    const elsewhere = registrationOf(laptop, 'other.test', { ...legal, by: laptop.device });
    const underAnother = signWith(laptop.device, LABELS.register, registrationBytes(legal, HOST));
    for (const authority of [elsewhere.authority, legal.signature, underAnother, new Uint8Array(64)]) {
      expect(await world.call(endpoints.register, { ...legal, authority })).toBe('NotAuthorised');
    }
    expect(await world.call(endpoints.register, legal)).toEqual({});
  });

  it('R-ACCOUNT-7: the first time, a device that it names itself', async () => {
    world = new World();
    expect(await register(5, [laptop], phone.device)).toBe('NotAuthorised');
    expect(await register(5, [laptop], phrase)).toBe('NotAuthorised');
    expect(await register(5, [laptop], laptop.account)).toBe('NotAuthorised');
    expect(await register(5, [], laptop.device)).toBe('NotAuthorised');
    expect(await register(5, [laptop, phone], phone.device)).toEqual({});
  });

  it('R-ACCOUNT-7: said again, a device that is in it, or the one whose word it was', async () => {
    expect(await register(3, [phone], laptop.device)).toEqual({});
    expect(await register(3, [phone], laptop.device)).toEqual({});
    expect(await register(3, [phone], phone.device)).toEqual({});
    expect(await register(3, [phone], laptop.device)).toEqual({});
    expect(await register(3, [phone], phrase)).toBe('NotAuthorised');
    expect(await register(4, [laptop, phone], laptop.device)).toBe('NotAuthorised');
  });

  it('R-ACCOUNT-7: the recovery key of what is stored, also when no device is left', async () => {
    expect(await register(3, [], phone.device)).toEqual({});
    const found = anotherDeviceOf(laptop);
    expect(await register(4, [found], found.device)).toBe('NotAuthorised');
    expect(await register(4, [found], createKeys())).toBe('NotAuthorised');
    expect(await register(4, [found], phrase)).toEqual({});
    expect(await register(4, [found], phrase)).toEqual({});
    expect((await world.connect(found)).received[0]?.type).toBe('welcome');
  });

  it('R-ACCOUNT-7: not a recovery key that was replaced or dropped', async () => {
    const next = createKeys();
    expect(await register(3, [laptop], laptop.device, { recoveryKey: next.publicKey })).toEqual({});
    expect(await register(4, [phone], phrase, { recoveryKey: phrase.publicKey })).toBe('NotAuthorised');
    expect(await world.call(endpoints.register, registrationOf(laptop, HOST, { version: 4 }))).toEqual({});
    expect(await register(5, [phone], next, { recoveryKey: next.publicKey })).toBe('NotAuthorised');
  });
});

describe('a recovery key', () => {
  it('R-ACCOUNT-8: leads to account key and device log, as they were registered last', async () => {
    expect(await lookUp(phrase)).toEqual({ accountKey: laptop.account.publicKey, deviceLog: Uint8Array.of(2) });
    await register(3, [laptop], laptop.device);
    expect(await lookUp(phrase)).toEqual({ accountKey: laptop.account.publicKey, deviceLog: Uint8Array.of(3) });
    expect(await lookUp(createKeys())).toBe('NotFound');
    expect(await world.call(endpoints.recovery, {}, { params: { recoveryId: 'short' } })).toBe('Malformed');
  });

  it('R-ACCOUNT-8: is forgotten when another takes its place', async () => {
    const next = createKeys();
    await register(3, [laptop], laptop.device, { recoveryKey: next.publicKey });
    expect(await lookUp(phrase)).toBe('NotFound');
    expect(await lookUp(next)).toMatchObject({ deviceLog: Uint8Array.of(3) });
  });

  it('R-ACCOUNT-8: belongs to one account; another that names it is RecoveryTaken and changes nothing', async () => {
    const thief = createPerson();
    const registration = registrationOf(thief, HOST, { recoveryKey: phrase.publicKey });
    expect(await world.call(endpoints.register, registration)).toBe('RecoveryTaken');
    expect(await world.store.usage(thief.mailbox)).toBeUndefined();
    expect(await lookUp(phrase)).toMatchObject({ accountKey: laptop.account.publicKey });
    await register(3, [laptop], laptop.device, { recoveryKey: createKeys().publicKey });
    expect(await world.call(endpoints.register, registration)).toEqual({});
  });
});
