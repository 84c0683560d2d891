/** Values that many parts of a payload have, to bytes and back. Reading throws {@link Unreadable}. */
import type { ChatId } from '@securechat/crypto';
import { type ByteReader, type ByteWriter, Unreadable } from './bytes.ts';

const CHAT_ID_BYTES = 64;

export function writeMillis(writer: ByteWriter, millis: number): void {
  writer.u32(Math.floor(millis / 2 ** 32)).u32(millis % 2 ** 32);
}

export function readMillis(reader: ByteReader): number {
  const millis = reader.u32() * 2 ** 32 + reader.u32();
  if (!Number.isSafeInteger(millis)) throw new Unreadable('time out of range');
  return millis;
}

export function readFlag(reader: ByteReader): boolean {
  const flag = reader.u8();
  if (flag > 1) throw new Unreadable('flag is neither 0 nor 1');
  return flag === 1;
}

export function readChatId(reader: ByteReader): ChatId {
  const id = reader.string(CHAT_ID_BYTES);
  if (!/^[A-Za-z0-9_-]{22}$/.test(id)) throw new Unreadable('not a chat id');
  return id as ChatId;
}
