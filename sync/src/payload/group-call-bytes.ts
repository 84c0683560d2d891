/** Parts about calls of groups, to bytes and back; the layout is in SPEC, "Payload". Reading throws {@link Unreadable}. */
import { toBase64Url } from '@securechat/crypto';
import { type ByteReader, type ByteWriter, Unreadable } from './bytes.ts';
import {
  GROUP_CALL_WORDS,
  type GroupCallPart,
  type GroupCallWord,
  type Presence,
  type Stays,
} from './group-call-parts.ts';
import { CALL_ID, HASH, idBytes, readMedia, readSignal, writeFlags, writeSignal } from './phone-bytes.ts';
import { readChatId, readFlag, readMillis, writeMillis } from './scalars.ts';

/** Appends the fields of a part, without its tag. */
export function writeGroupCallPart(writer: ByteWriter, { chatId, callId, word }: GroupCallPart): void {
  writer.string(chatId).fixed(idBytes(callId, CALL_ID)).u8(GROUP_CALL_WORDS[word.type]);
  writeWord(writer, word);
}

/** Reads the fields of a part. */
export function readGroupCallPart(reader: ByteReader): GroupCallPart {
  const chatId = readChatId(reader);
  const callId = toBase64Url(reader.fixed(CALL_ID));
  return { type: 'groupCall', chatId, callId, word: readWord(reader, reader.u8()) };
}

function writeWord(writer: ByteWriter, word: GroupCallWord): void {
  switch (word.type) {
    case 'here':
      writePresence(writer, word);
      return;
    case 'left':
      writeMillis(writer, word.joinedAt);
      return;
    case 'ignored':
      return;
    case 'key':
      writeStays(writer, word.stays);
      writer.u8(word.key.id).fixed(word.key.key);
      return;
    case 'signal':
      writeStays(writer, word.stays);
      writer.u32(word.seq);
      writeSignal(writer, word.signal);
      return;
    case 'got':
      writeStays(writer, word.stays);
      writer.u32(word.received).optional(word.key, (w, id) => w.u8(id));
      return;
  }
}

function readWord(reader: ByteReader, tag: number): GroupCallWord {
  switch (tag) {
    case GROUP_CALL_WORDS.here:
      return { type: 'here', ...readPresence(reader) };
    case GROUP_CALL_WORDS.left:
      return { type: 'left', joinedAt: readMillis(reader) };
    case GROUP_CALL_WORDS.key:
      return { type: 'key', stays: readStays(reader), key: { id: reader.u8(), key: reader.fixed(HASH) } };
    case GROUP_CALL_WORDS.signal:
      return { type: 'signal', stays: readStays(reader), seq: reader.u32(), signal: readSignal(reader) };
    case GROUP_CALL_WORDS.got: {
      const [stays, received] = [readStays(reader), reader.u32()];
      const key = reader.optional((r) => r.u8());
      return { type: 'got', stays, received, ...(key !== undefined && { key }) };
    }
    case GROUP_CALL_WORDS.ignored:
      return { type: 'ignored' };
    default:
      throw new Unreadable(`unknown word ${String(tag)}`);
  }
}

function writePresence(writer: ByteWriter, { startedAt, age, joinedAt, video, ...more }: Presence): void {
  const { fingerprint, media, hand } = more;
  writeMillis(writer, startedAt);
  writer.u32(age);
  writeMillis(writer, joinedAt);
  writer.fixed(fingerprint);
  writeFlags(writer, [video, media.microphone, media.camera, media.screen]);
  writer.optional(hand, (w, raisedFor) => w.u32(raisedFor));
}

function readPresence(reader: ByteReader): Presence {
  const presence = {
    startedAt: readMillis(reader),
    age: reader.u32(),
    joinedAt: readMillis(reader),
    fingerprint: reader.fixed(HASH),
    video: readFlag(reader),
    media: readMedia(reader),
  };
  const hand = reader.optional((r) => r.u32());
  return { ...presence, ...(hand !== undefined && { hand }) };
}

function writeStays(writer: ByteWriter, { mine, yours }: Stays): void {
  writeMillis(writer, mine);
  writeMillis(writer, yours);
}

function readStays(reader: ByteReader): Stays {
  return { mine: readMillis(reader), yours: readMillis(reader) };
}
