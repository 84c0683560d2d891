/** Vectors of record signatures and author proofs. */
import {
  accountFromSeed,
  certifyAuthor,
  concat,
  createAuthorKey,
  directChatId,
  proveAuthor,
  signAsDevice,
  signRecord,
  utf8,
} from '../../src/index.ts';
import { deviceFromSeed } from '../../src/identity/device.ts';
import { counted, hex, scripted, tampered } from './hex.ts';

export function buildRecords() {
  const author = createAuthorKey(scripted([hex(counted(0))]));
  const [alice, bob] = [accountFromSeed(counted(0x20)), accountFromSeed(counted(0x40))];
  const [device, other] = [deviceFromSeed(counted(0x60)), deviceFromSeed(counted(0x80))];
  const chatId = directChatId(alice.id, bob.id);
  const record = utf8('a record');
  const [signature, proof] = [signRecord(author, record), proveAuthor(author, chatId, device.id)];
  const certificate = certifyAuthor(device, chatId, author.publicKey);
  const vouched = { deviceKey: hex(device.publicKey), chatId, certificate: hex(certificate) };
  const claim = { chatId, deviceId: device.id, proof: hex(proof) };
  return {
    author: { seed: hex(counted(0)), publicKey: hex(author.publicKey) },
    record: hex(record),
    signature: hex(signature),
    proof: claim,
    certificate: vouched,
    mustFail: {
      records: [
        { why: 'record changed', record: hex(utf8('A record')), signature: hex(signature) },
        { why: 'signature changed', record: hex(record), signature: hex(tampered(signature, 0)) },
        { why: 'a proof in its place', record: hex(utf8(`${chatId}\0${device.id}`)), signature: hex(proof) },
      ],
      proofs: [
        { why: 'another device', ...claim, deviceId: other.id },
        { why: 'another chat', ...claim, chatId: directChatId(alice.id, alice.id) },
        { why: 'proof changed', ...claim, proof: hex(tampered(proof, 63)) },
        {
          why: 'a record signature in its place',
          ...claim,
          proof: hex(signRecord(author, utf8(`${chatId}\0${device.id}`))),
        },
      ],
      certificates: [
        { why: 'another device', ...vouched, deviceKey: hex(other.publicKey) },
        { why: 'another chat', ...vouched, chatId: directChatId(alice.id, alice.id) },
        { why: 'certificate changed', ...vouched, certificate: hex(tampered(certificate, 0)) },
        { why: "the author's proof in its place", ...vouched, certificate: hex(proof) },
        {
          why: 'the same bytes under another label',
          ...vouched,
          certificate: hex(
            signAsDevice(device, 'SecureChat author proof v1', concat(utf8(`${chatId}\0`), author.publicKey)),
          ),
        },
      ],
    },
  };
}
