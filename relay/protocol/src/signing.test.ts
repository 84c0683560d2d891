import { expect, it } from 'vitest';
import type { MailboxId } from './ids.ts';
import { LABELS, registrationBytes, signedMessage, signInBytes } from './signing.ts';

const fields = {
  accountKey: new Uint8Array(32).fill(1),
  version: 2,
  deviceLog: Uint8Array.of(9, 9, 9),
  devices: [{ deviceKey: new Uint8Array(32).fill(3), mailbox: new Uint8Array(16).fill(4) as MailboxId }],
  by: new Uint8Array(32).fill(3),
};

it('a registration has one canonical spelling', () => {
  const bytes = registrationBytes(fields, 'r.test');
  const expected = [0, 0, 0, 6, ...Buffer.from('r.test'), ...fields.accountKey, 0, 0, 0, 2, 0, 0, 0, 3, 9, 9, 9, 0, 1];
  const device = [...new Uint8Array(32).fill(3), ...new Uint8Array(16).fill(4)];
  expect([...bytes]).toEqual([...expected, ...device, ...fields.by, 0, 0, 0, 0]);
  const recoveryKey = new Uint8Array(32).fill(7);
  const recoverable = registrationBytes({ ...fields, recoveryKey }, 'r.test');
  expect([...recoverable]).toEqual([...expected, ...device, ...fields.by, 0, 0, 0, 32, ...recoveryKey]);
});

it('each signature has a label of its own', () => {
  const labels = Object.values(LABELS);
  expect(new Set(labels).size).toBe(labels.length);
});

it('members beside the signed ones change nothing', () => {
  const more = { ...fields, signature: new Uint8Array(64), authority: new Uint8Array(64), invite: 'x' };
  expect(registrationBytes(more, 'r.test')).toEqual(registrationBytes(fields, 'r.test'));
});

it('a sign-in names its relay, and the label is separated from the body', () => {
  const body = signInBytes(new Uint8Array(32).fill(5), 'r.test:8787');
  expect([...body]).toEqual([...new Uint8Array(32).fill(5), 0, 0, 0, 11, ...Buffer.from('r.test:8787')]);
  expect([...signedMessage(LABELS.signIn, Uint8Array.of(1))]).toEqual([...Buffer.from(LABELS.signIn), 0, 1]);
});
