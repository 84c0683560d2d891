import { beforeAll, describe, expect, it } from 'vitest';
import { flip, must, randomOf } from '../../test/support/world.ts';
import {
  certifyAuthor,
  createAccount,
  createAuthorKey,
  createDevice,
  decodeAuthorKey,
  directChatId,
  encodeAuthorKey,
  proveAuthor,
  ready,
  signAsDevice,
  signRecord,
  utf8,
  verifyAuthorCertificate,
  verifyAuthorProof,
  verifyRecord,
} from '../index.ts';

beforeAll(ready);

function setUp() {
  const random = randomOf(6);
  const [a, b] = [createAccount(random), createAccount(random)];
  const [phone, laptop] = [createDevice(random), createDevice(random)];
  const [author, other] = [createAuthorKey(random), createAuthorKey(random)];
  return { author, other, phone, laptop, chat: directChatId(a.id, b.id), self: directChatId(a.id, a.id) };
}

describe('author keys', () => {
  it('C-RECORD-1 a record verifies under its author and unchanged only', () => {
    const { author, other } = setUp();
    const record = utf8('record');
    const signature = signRecord(author, record);
    expect(verifyRecord(author.publicKey, record, signature)).toBe(true);
    expect(verifyRecord(other.publicKey, record, signature)).toBe(false);
    expect(verifyRecord(author.publicKey, utf8('Record'), signature)).toBe(false);
    for (let bit = 0; bit < 512; bit += 13)
      expect(verifyRecord(author.publicKey, record, flip(signature, bit))).toBe(false);
  });

  it('C-RECORD-2 a proof binds author key, chat and device', () => {
    const { author, other, phone, laptop, chat, self } = setUp();
    const proof = proveAuthor(author, chat, phone.id);
    expect(verifyAuthorProof(author.publicKey, chat, phone.id, proof)).toBe(true);
    expect(verifyAuthorProof(other.publicKey, chat, phone.id, proof)).toBe(false);
    expect(verifyAuthorProof(author.publicKey, self, phone.id, proof)).toBe(false);
    expect(verifyAuthorProof(author.publicKey, chat, laptop.id, proof)).toBe(false);
  });

  it('C-RECORD-3 neither signature passes for the other', () => {
    const { author, phone, chat } = setUp();
    const claim = utf8(`${chat}\0${phone.id}`);
    expect(verifyAuthorProof(author.publicKey, chat, phone.id, signRecord(author, claim))).toBe(false);
    expect(verifyRecord(author.publicKey, claim, proveAuthor(author, chat, phone.id))).toBe(false);
  });

  it('C-RECORD-4 a certificate binds device, chat and author key, whoever shows it', () => {
    const { author, other, phone, laptop, chat, self } = setUp();
    const certificate = certifyAuthor(phone, chat, author.publicKey);
    expect(certificate).toHaveLength(64);
    const verifies = (
      device: typeof phone,
      { chatId, key, bytes }: { chatId?: typeof chat; key?: typeof author.publicKey; bytes?: Uint8Array } = {},
    ) => verifyAuthorCertificate(device.publicKey, chatId ?? chat, key ?? author.publicKey, bytes ?? certificate);
    expect(verifies(phone)).toBe(true);
    expect(verifies(laptop)).toBe(false);
    expect(verifies(phone, { chatId: self })).toBe(false);
    expect(verifies(phone, { key: other.publicKey })).toBe(false);
    for (let bit = 0; bit < 512; bit += 13) expect(verifies(phone, { bytes: flip(certificate, bit) })).toBe(false);
    for (const length of [0, 1, 63, 65]) expect(verifies(phone, { bytes: new Uint8Array(length) })).toBe(false);
  });

  it('C-RECORD-4 a certificate is nothing else, and nothing else is one', () => {
    const { author, phone, chat } = setUp();
    const body = Uint8Array.of(...utf8(chat), 0, ...author.publicKey);
    const verifies = (bytes: Uint8Array) => verifyAuthorCertificate(phone.publicKey, chat, author.publicKey, bytes);
    expect(verifies(certifyAuthor(phone, chat, author.publicKey))).toBe(true);
    expect(verifies(signAsDevice(phone, 'SecureChat author proof v1', body))).toBe(false);
    expect(verifies(signAsDevice(phone, 'SecureChat record v1', body))).toBe(false);
    expect(verifies(proveAuthor(author, chat, phone.id))).toBe(false);
    expect(verifies(signRecord(author, body))).toBe(false);
    expect(verifyAuthorProof(author.publicKey, chat, phone.id, certifyAuthor(phone, chat, author.publicKey))).toBe(
      false,
    );
  });

  it('C-CODEC-1 the key comes back whole, and from nothing else', () => {
    const { author } = setUp();
    expect(must(decodeAuthorKey(encodeAuthorKey(author)))).toEqual(author);
    expect(decodeAuthorKey(encodeAuthorKey(author).slice(1)).ok).toBe(false);
  });
});
