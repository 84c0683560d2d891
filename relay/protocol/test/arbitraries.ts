/** Arbitrary frames, for property tests here and in packages that speak this wire. */
import fc from 'fast-check';
import { LIMITS, RELAY_CODE_NAMES } from '../src/index.ts';
import type { ClientFrame, EnvelopeId, MailboxId, Registration, RelayFrame } from '../src/index.ts';

const id16 = fc.uint8Array({ minLength: 16, maxLength: 16 });
const mailbox = id16.map((bytes) => bytes as MailboxId);
const envelope = id16.map((bytes) => bytes as EnvelopeId);
const data = fc.uint8Array({ maxLength: 600 });
const code = fc.constantFrom(...RELAY_CODE_NAMES);
const token = fc.string({ unit: fc.constantFrom(...'eyJhbGciOi.-_0129'), maxLength: 300 });

/** Any legal client frame, of small size. */
export const clientFrames: fc.Arbitrary<ClientFrame> = fc.oneof(
  fc.record({ type: fc.constant('signIn' as const), token }),
  fc.record({
    type: fc.constant('post' as const),
    id: envelope,
    ephemeral: fc.boolean(),
    to: fc.array(mailbox, { maxLength: 20 }),
    data,
  }),
  fc.record({ type: fc.constant('ack' as const), ids: fc.array(envelope, { maxLength: 20 }) }),
  fc.constant({ type: 'ping' as const }),
);

/** Any legal relay frame, of small size. */
export const relayFrames: fc.Arbitrary<RelayFrame> = fc.oneof(
  fc.record({ type: fc.constant('welcome' as const), mailbox, queued: fc.nat(2 ** 31 - 1) }),
  fc.record({ type: fc.constant('accepted' as const), id: envelope }),
  fc.record({
    type: fc.constant('refused' as const),
    id: envelope,
    failures: fc.array(fc.record({ mailbox, code }), { maxLength: 20 }),
  }),
  fc.record({ type: fc.constant('deliver' as const), id: envelope, data }),
  fc.constant({ type: 'drained' as const }),
  fc.constant({ type: 'pong' as const }),
  fc.record({ type: fc.constant('error' as const), code }),
);

const exactly = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

/** Any legal registration, of small size; what it says need not make sense. */
export const registrations: fc.Arbitrary<Registration> = fc.record(
  {
    accountKey: exactly(32),
    version: fc.nat(2 ** 31 - 1),
    deviceLog: fc.uint8Array({ minLength: 1, maxLength: 200 }),
    devices: fc.array(fc.record({ deviceKey: exactly(32), mailbox }), { maxLength: 5 }),
    by: exactly(32),
    recoveryKey: exactly(32),
    signature: exactly(64),
    authority: exactly(64),
    invite: fc.string({ maxLength: 20 }),
  },
  { requiredKeys: ['accountKey', 'version', 'deviceLog', 'devices', 'by', 'signature', 'authority'] },
);

/** The largest legal post. */
export function largestPost(): ClientFrame {
  const to = Array.from({ length: LIMITS.recipients }, (_, n) => new Uint8Array(16).fill(n & 255) as MailboxId);
  return {
    type: 'post',
    id: new Uint8Array(16).fill(1) as EnvelopeId,
    ephemeral: false,
    to,
    data: new Uint8Array(LIMITS.dataBytes),
  };
}
