/** Vectors of ids, signatures, safety numbers and direct chats. */
import {
  accountFromSeed,
  directChatId,
  directChatSecret,
  safetyNumber,
  safetyNumberQr,
  signAsAccount,
  utf8,
} from '../../src/index.ts';
import { deviceFromSeed } from '../../src/identity/device.ts';
import { counted, hex, tampered } from './hex.ts';

export function buildIdentity() {
  const seeds = [counted(0), counted(0x20)] as const;
  const [alice, bob] = [accountFromSeed(seeds[0]), accountFromSeed(seeds[1])];
  const device = deviceFromSeed(seeds[0]);
  const [label, body] = ['example label', utf8('example body')];
  const signature = signAsAccount(alice, label, body);
  const claim = { publicKey: hex(alice.publicKey), label, body: hex(body), signature: hex(signature) };
  return {
    accounts: [alice, bob].map(({ id, publicKey }, index) => ({
      seed: hex(seeds[index] ?? seeds[0]),
      publicKey: hex(publicKey),
      id,
    })),
    device: { seed: hex(seeds[0]), publicKey: hex(device.publicKey), id: device.id },
    signature: { signed: hex(utf8(`${label}\0example body`)), ...claim },
    safetyNumber: {
      number: safetyNumber(alice.publicKey, bob.publicKey),
      aliceShows: safetyNumberQr(alice.publicKey, bob.publicKey),
    },
    directChat: {
      id: directChatId(alice.id, bob.id),
      secret: hex(directChatSecret(alice, bob.publicKey)),
      notesToSelf: directChatId(alice.id, alice.id),
    },
    mustFail: [
      { why: 'another label', ...claim, label: 'example labe' },
      { why: 'label and body divided elsewhere', ...claim, label: 'example labe', body: hex(utf8('l\0example body')) },
      { why: 'another body', ...claim, body: hex(utf8('example bodY')) },
      { why: 'another key', ...claim, publicKey: hex(bob.publicKey) },
      { why: 'signature changed', ...claim, signature: hex(tampered(signature, 5)) },
      { why: 'S changed', ...claim, signature: hex(tampered(signature, 40)) },
      { why: 'signature cut', ...claim, signature: hex(signature.slice(0, 63)) },
      {
        why: 'small-order key with the signature that it makes for everything',
        ...claim,
        publicKey: `01${'00'.repeat(31)}`,
        signature: `01${'00'.repeat(63)}`,
      },
    ],
  };
}
