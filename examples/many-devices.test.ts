import { createLinkCode, formatLinkCode, parseLinkCode, systemRandom, type LinkCode } from '@securechat/crypto';
import { startRelay } from '@securechat/relay';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwnDevice } from './many-devices.ts';

let relay: Awaited<ReturnType<typeof startRelay>>;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());

/** The code as the user carries it from one screen to the other. */
function typed(code: LinkCode): LinkCode {
  const read = parseLinkCode(formatLinkCode(code).toLowerCase());
  if (!read.ok) throw new Error(read.error.type);
  return read.value;
}

/** The account of `device` on a second device; both screens show `digits`. */
async function link(device: OwnDevice): Promise<{ second: OwnDevice; digits: readonly string[] }> {
  const code = createLinkCode(systemRandom);
  const digits: string[] = [];
  const see = (shown: string): boolean => digits.push(shown) > 0;
  const [second] = await Promise.all([OwnDevice.join(relay.url, code, see), device.welcome(typed(code), see)]);
  return { second, digits };
}

describe('a third party can write a client for many devices', () => {
  it('a device is linked over a code, and can link the next one', async () => {
    const laptop = await OwnDevice.first(relay.url);
    const { second: phone, digits } = await link(laptop);
    expect(digits).toHaveLength(2);
    expect(digits[0]).toBe(digits[1]);
    await link(phone);
    expect(await laptop.devicesAtRelay()).toBe(3);
  });

  it('a device that was unlinked cannot come back, although it has the account secret', async () => {
    const laptop = await OwnDevice.first(relay.url);
    const { second: phone } = await link(laptop);
    await laptop.unlink(phone);
    expect(await laptop.devicesAtRelay()).toBe(1);
    await expect(phone.makePhrase()).rejects.toThrow('StaleDeviceLog'); // its log ends before it was unlinked
    await expect(phone.unlink(laptop)).rejects.toThrow('NotAuthorised'); // one entry more: now it would be the newest
    expect(await laptop.devicesAtRelay()).toBe(1);
  });

  it('twelve words lead back when every device is lost', async () => {
    const lost = await OwnDevice.first(relay.url);
    const words = await lost.makePhrase();
    const found = await OwnDevice.recover(relay.url, words.join(' '));
    expect(await found.devicesAtRelay()).toBe(1);
    await expect(lost.makePhrase()).rejects.toThrow('StaleDeviceLog');
    await link(found);
    expect(await found.devicesAtRelay()).toBe(2);
  });

  it('of two phrases the later one counts', async () => {
    const device = await OwnDevice.first(relay.url);
    const [first, second] = [await device.makePhrase(), await device.makePhrase()];
    await expect(OwnDevice.recover(relay.url, first.join(' '))).rejects.toThrow('NotFound');
    expect(await (await OwnDevice.recover(relay.url, second.join(' '))).devicesAtRelay()).toBe(1);
  });
});
