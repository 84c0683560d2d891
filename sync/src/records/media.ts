/**
 * Pointers: what a message says of its files, and with which anybody who reads the message fetches, opens and checks them.
 *
 *     pointers = count u8 (1 to 10), each:
 *       storage URL | blob name 24 | key 32 | digest 32 | size 6 (1 to 4 GiB) | kind u8 | media type | optional name
 *       | optional width u16 | optional height u16 | optional duration ms u32 | optional thumbnail | optional waveform 64
 *
 * Texts and byte strings have a u16 length, optional ones a presence byte. A name has no path and no control characters.
 */
import { fromBase64Url, MEDIA, MEDIA_DIGEST_BYTES, toBase64Url } from '@securechat/crypto';
import { isHttpUrl } from '@securechat/relay-protocol';
import { type MediaKind, MEDIA_LIMITS } from '../api.ts';
import { ByteCursor, ByteSink, Unreadable } from './cursor.ts';
import { type Field, fixed, mapped, oneOf, optional, sized, struct, text, unsigned, where } from './fields.ts';
import { plainList } from './list-fields.ts';

/** One file of a message. */
export interface MediaPointer {
  /** Of the storage server; the file is at `<url>/files/<blob>`. */
  readonly url: string;
  /** 24 bytes in base64url. */
  readonly blob: string;
  readonly key: Uint8Array;
  /** What `startMediaDigest` makes of the file. */
  readonly digest: Uint8Array;
  readonly size: number;
  readonly kind: MediaKind;
  /** Media type. */
  readonly type: string;
  readonly name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly duration?: number;
  readonly thumbnail?: Uint8Array;
  readonly waveform?: Uint8Array;
}

const BLOB_BYTES = 24;
const URL_LENGTH = 240;
const BLOB: Field<string> = mapped(BLOB_BYTES, toBase64Url, fromBase64Url);

/** One pointer. */
export const POINTER: Field<MediaPointer> = struct<MediaPointer>({
  url: where(text(1, URL_LENGTH), isHttpUrl),
  blob: BLOB,
  key: fixed(32),
  digest: fixed(MEDIA_DIGEST_BYTES),
  size: where(unsigned(6, 1), (size) => size <= MEDIA.fileBytes),
  kind: oneOf('image', 'video', 'audio', 'voice', 'file'),
  type: where(text(1, MEDIA_LIMITS.type), isMediaType),
  name: optional(where(text(1, MEDIA_LIMITS.name), isFileName)),
  width: optional(unsigned(2, 1)),
  height: optional(unsigned(2, 1)),
  duration: optional(unsigned(4)),
  thumbnail: optional(sized(MEDIA_LIMITS.thumbnailBytes)),
  waveform: optional(fixed(MEDIA_LIMITS.waveformBytes)),
});

/** 1 to 10 pointers, in the order of the album. */
export const POINTERS: Field<readonly MediaPointer[]> = plainList(POINTER, {
  width: 1,
  least: 1,
  most: MEDIA_LIMITS.items,
});

/** The pointers as one text, for rows. */
export function pointersToText(pointers: readonly MediaPointer[]): string {
  const sink = new ByteSink();
  POINTERS.write(sink, pointers);
  return toBase64Url(sink.finish());
}

/**
 * Undefined for anything that {@link pointersToText} did not make. The same text gives the same object: thumbnails go to a page
 * once for each array that holds them.
 */
export function pointersFrom(value: string): readonly MediaPointer[] | undefined {
  const known = remembered.get(value);
  if (known !== undefined) return known;
  const pointers = readPointers(value);
  if (pointers === undefined) return undefined;
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(value, pointers);
  return pointers;
}

/** More than a timeline's window shows. */
const REMEMBERED = 500;
const remembered = new Map<string, readonly MediaPointer[]>();

function readPointers(value: string): readonly MediaPointer[] | undefined {
  const bytes = fromBase64Url(value);
  if (bytes === undefined) return undefined;
  try {
    const cursor = new ByteCursor(bytes);
    const pointers = POINTERS.read(cursor);
    cursor.end();
    return pointers;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** A file's name as it may travel: what a path or a terminal would read as more than a name is left out. */
export function isFileName(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(name);
}

/** A media type without parameters (RFC 6838, 4.2), or with such as browsers give: `audio/webm;codecs=opus`. */
export function isMediaType(type: string): boolean {
  return /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*(; ?[a-z0-9-]+="?[a-zA-Z0-9., _-]+"?)*$/.test(type);
}
