import { describe, expect, it } from 'vitest';
import { endpoints, httpError, pathOf, type ClaimedPreKeys, type Registration } from './endpoints.ts';
import { isHandle, isKeyHash, isRendezvousId, type MailboxId } from './ids.ts';
import { LIMITS } from './limits.ts';

const hash = 'A'.repeat(43);
const registration: Registration = {
  accountKey: new Uint8Array(32).fill(1),
  version: 3,
  deviceLog: Uint8Array.of(1, 2, 3),
  devices: [{ deviceKey: new Uint8Array(32).fill(2), mailbox: new Uint8Array(16).fill(3) as MailboxId }],
  by: new Uint8Array(32).fill(2),
  signature: new Uint8Array(64).fill(4),
  authority: new Uint8Array(64).fill(5),
};

describe('http bodies', () => {
  it('print and parse back, optional members present or absent', () => {
    const { request } = endpoints.register;
    const recoveryKey = new Uint8Array(32).fill(6);
    for (const body of [registration, { ...registration, recoveryKey, invite: 'please' }]) {
      const wire: unknown = JSON.parse(JSON.stringify(request.print(body)));
      expect(request.parse(wire)).toEqual({ ok: true, value: body });
    }
  });

  it('carry a claim with and without a one-time pre-key', () => {
    const device = {
      deviceKey: new Uint8Array(32),
      mailbox: new Uint8Array(16) as MailboxId,
      signed: Uint8Array.of(9),
    };
    const claim: ClaimedPreKeys = {
      accountKey: new Uint8Array(32),
      deviceLog: Uint8Array.of(5),
      devices: [device, { ...device, oneTime: { id: 7, bytes: Uint8Array.of(8) } }],
    };
    const { response } = endpoints.claimPreKeys;
    expect(response.parse(JSON.parse(JSON.stringify(response.print(claim))))).toEqual({ ok: true, value: claim });
  });

  it.each([
    ['devices[0].mailbox', { devices: [{ deviceKey: 'A'.repeat(43), mailbox: 'AAAA' }] }],
    ['version', { version: -1 }],
    ['version', { version: 2 ** 32 }],
    ['deviceLog', { deviceLog: '' }],
    ['signature', { signature: 'not base64!' }],
    ['accountKey', { accountKey: undefined }],
    ['by', { by: undefined }],
    ['by', { by: 'A'.repeat(42) }],
    ['authority', { authority: undefined }],
    ['authority', { authority: 'A'.repeat(43) }],
    ['recoveryKey', { recoveryKey: '' }],
    ['recoveryKey', { recoveryKey: 'AAAA' }],
    ['recoveryKey', { recoveryKey: null }],
    ['invite', { invite: 'x'.repeat(129) }],
  ])('say that %s is wrong', (at, change) => {
    const wire = endpoints.register.request.print(registration) as object;
    const parsed = endpoints.register.request.parse({ ...wire, ...change });
    expect(parsed).toEqual({ ok: false, error: { type: 'Malformed', at } });
  });

  it('bring the largest slot within the cap of a body, and nothing larger or empty', () => {
    const { request } = endpoints.putRendezvous;
    const largest = { data: new Uint8Array(LIMITS.rendezvousBytes).fill(255) };
    const wire = JSON.stringify(request.print(largest));
    expect(wire.length).toBeLessThan(LIMITS.bodyBytes);
    const parsed = request.parse(JSON.parse(wire));
    expect(parsed.ok && Buffer.compare(parsed.value.data, largest.data)).toBe(0);
    for (const length of [0, LIMITS.rendezvousBytes + 1]) {
      const wrong = request.parse(request.print({ data: new Uint8Array(length) }));
      expect(wrong).toEqual({ ok: false, error: { type: 'Malformed', at: 'data' } });
    }
  });

  it('ignore members of a later version', () => {
    expect(endpoints.challenge.request.parse({ deviceId: hash, later: true })).toEqual({
      ok: true,
      value: { deviceId: hash },
    });
  });

  it('know error bodies by their code', () => {
    const body = { error: { code: 'StaleDeviceLog', message: 'a newer one is stored' } };
    expect(httpError.parse(body)).toEqual({ ok: true, value: body });
    expect(httpError.parse({ error: { code: 'toString', message: '' } }).ok).toBe(false);
  });
});

it('paths are filled by name', () => {
  expect(pathOf(endpoints.account, { accountId: hash })).toBe(`/v1/accounts/${hash}`);
  expect(pathOf(endpoints.signIn)).toBe('/v1/sessions');
  const meeting = { rendezvousId: `${'A'.repeat(21)}Q`, slot: '7' };
  expect(pathOf(endpoints.putRendezvous, meeting)).toBe(`/v1/rendezvous/${'A'.repeat(21)}Q/7`);
});

it('ids and handles have one shape', () => {
  const meetings = ['A'.repeat(22), `${'-_'.repeat(10)}9g`, 'A'.repeat(21), `${'A'.repeat(21)}B`, 'A'.repeat(23)];
  expect(meetings.map(isRendezvousId)).toEqual([true, true, false, false, false]);
  expect([hash, 'B'.repeat(43), 'A'.repeat(42), `${hash}A`].map(isKeyHash)).toEqual([true, false, false, false]);
  expect(['bob', 'b.o_b9', 'ab', 'Bob', 'b ob', 'x'.repeat(31)].map(isHandle)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
