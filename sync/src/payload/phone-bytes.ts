/** Parts about telephone calls, to bytes and back; the layout is in SPEC, "Payload". Reading throws {@link Unreadable}. */
import { type AccountId, type DeviceId, fromBase64Url, toAccountId, toBase64Url, toDeviceId } from '@securechat/crypto';
import type { CallMedia, CallSignal } from '../api-phone.ts';
import { type ByteReader, type ByteWriter, Unreadable } from './bytes.ts';
import {
  PHONE_PART_LIMITS,
  PHONE_REASONS,
  PHONE_WORDS,
  type PhoneKeys,
  type PhonePart,
  type PhoneWord,
  SIGNAL_TYPES,
  type TalkNote,
} from './phone-parts.ts';
import { readChatId, readFlag, readMillis, writeMillis } from './scalars.ts';

export const CALL_ID = 16;
export const HASH = 32;

/** Appends the fields of a part, without its tag. */
export function writePhonePart(writer: ByteWriter, { chatId, callId, word }: PhonePart): void {
  writer.string(chatId).fixed(idBytes(callId, CALL_ID)).u8(PHONE_WORDS[word.type]);
  writeWord(writer, word);
}

/** Reads the fields of a part. */
export function readPhonePart(reader: ByteReader): PhonePart {
  const chatId = readChatId(reader);
  const callId = toBase64Url(reader.fixed(CALL_ID));
  return { type: 'phone', chatId, callId, word: readWord(reader, reader.u8()) };
}

function writeWord(writer: ByteWriter, word: PhoneWord): void {
  switch (word.type) {
    case 'ring':
      writeFlags(writer, [word.video]);
      writeMillis(writer, word.startedAt);
      writer.fixed(word.commitment);
      return;
    case 'accept':
    case 'reveal':
      writer.fixed(word.fingerprint).fixed(word.nonce);
      return;
    case 'taken':
      writer.fixed(idBytes(word.deviceId, HASH));
      return;
    case 'end':
      writer.u8(PHONE_REASONS.indexOf(word.reason));
      return;
    case 'signal':
      writer.u32(word.seq);
      writeSignal(writer, word.signal);
      return;
    case 'status': {
      const { microphone, camera, screen } = word.media;
      writer.u32(word.received);
      writeFlags(writer, [word.held, microphone, camera, screen]);
      return;
    }
    case 'move':
      writer.fixed(idBytes(word.replaces, CALL_ID)).fixed(word.commitment);
      return;
    case 'here':
      writeNote(writer, word);
      return;
    case 'ringing':
    case 'decline':
    case 'busy':
      return;
  }
}

function readWord(reader: ByteReader, tag: number): PhoneWord {
  switch (tag) {
    case PHONE_WORDS.ring:
      return { type: 'ring', video: readFlag(reader), startedAt: readMillis(reader), commitment: reader.fixed(HASH) };
    case PHONE_WORDS.ringing:
      return { type: 'ringing' };
    case PHONE_WORDS.accept:
      return { type: 'accept', ...readKeys(reader) };
    case PHONE_WORDS.taken:
      return { type: 'taken', deviceId: readDeviceId(reader) };
    case PHONE_WORDS.reveal:
      return { type: 'reveal', ...readKeys(reader) };
    case PHONE_WORDS.decline:
      return { type: 'decline' };
    case PHONE_WORDS.busy:
      return { type: 'busy' };
    case PHONE_WORDS.end:
      return { type: 'end', reason: named(PHONE_REASONS, reader.u8()) };
    case PHONE_WORDS.signal:
      return { type: 'signal', seq: reader.u32(), signal: readSignal(reader) };
    case PHONE_WORDS.status:
      return { type: 'status', received: reader.u32(), held: readFlag(reader), media: readMedia(reader) };
    case PHONE_WORDS.move:
      return { type: 'move', replaces: toBase64Url(reader.fixed(CALL_ID)), commitment: reader.fixed(HASH) };
    case PHONE_WORDS.here:
      return { type: 'here', ...readNote(reader) };
    default:
      throw new Unreadable(`unknown word ${String(tag)}`);
  }
}

function writeNote(writer: ByteWriter, note: TalkNote): void {
  const { peer, deviceId, first, outgoing, video, microphone, camera, rang, answered, connected } = note;
  writer.fixed(idBytes(peer, HASH)).fixed(idBytes(deviceId, HASH)).fixed(idBytes(first, CALL_ID));
  writeFlags(writer, [outgoing, video, microphone, camera]);
  writer.u32(rang).u32(answered).u32(connected);
}

function readNote(reader: ByteReader): TalkNote {
  return {
    peer: readAccountId(reader),
    deviceId: readDeviceId(reader),
    first: toBase64Url(reader.fixed(CALL_ID)),
    ...{ outgoing: readFlag(reader), video: readFlag(reader), microphone: readFlag(reader), camera: readFlag(reader) },
    ...{ rang: reader.u32(), answered: reader.u32(), connected: reader.u32() },
  };
}

function readDeviceId(reader: ByteReader): DeviceId {
  const deviceId = toDeviceId(toBase64Url(reader.fixed(HASH)));
  if (deviceId === undefined) throw new Unreadable('not a device');
  return deviceId;
}

function readAccountId(reader: ByteReader): AccountId {
  const accountId = toAccountId(toBase64Url(reader.fixed(HASH)));
  if (accountId === undefined) throw new Unreadable('not an account');
  return accountId;
}

function readKeys(reader: ByteReader): PhoneKeys {
  return { fingerprint: reader.fixed(HASH), nonce: reader.fixed(HASH) };
}

export function writeSignal(writer: ByteWriter, { type, payload }: CallSignal): void {
  writer.u8(SIGNAL_TYPES.indexOf(type)).string(payload);
}

export function readSignal(reader: ByteReader): CallSignal {
  return { type: named(SIGNAL_TYPES, reader.u8()), payload: reader.string(PHONE_PART_LIMITS.signal) };
}

export function readMedia(reader: ByteReader): CallMedia {
  return { microphone: readFlag(reader), camera: readFlag(reader), screen: readFlag(reader) };
}

export function writeFlags(writer: ByteWriter, flags: readonly boolean[]): void {
  for (const flag of flags) writer.u8(flag ? 1 : 0);
}

function named<T extends string>(names: readonly T[], index: number): T {
  const name = names[index];
  if (name === undefined) throw new Unreadable('an unknown name');
  return name;
}

export function idBytes(id: string, length: number): Uint8Array {
  return fromBase64Url(id) ?? new Uint8Array(length);
}
