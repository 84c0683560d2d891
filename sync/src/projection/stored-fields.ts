/**
 * The fields of a message (records/message-fields.ts) as rows keep them: a list with one place for each, 0 where it is
 * absent. One value has one form, whatever made the value.
 *
 *     fields = [replyTo | 0, [[at, length, account]...] | 0, expires | 0, [multiple 0 or 1, option...] | 0,
 *               pointers in base64url | 0, forwarded 1 | 0, view once 1 | 0, [status, reaction 0 or 1] | 0]
 */
import type { RecordId } from '../api.ts';
import {
  type MediaPointer,
  type Mention,
  type MessageFields,
  type Poll,
  type StatusRef,
  pointersFrom,
  pointersToText,
} from '../records/index.ts';
import { isNumber, isText, isTexts } from './json.ts';

interface Stored<T> {
  readonly write: (value: T) => unknown;
  /** Undefined for what `write` never makes. */
  readonly read: (value: unknown) => T | undefined;
}

export const STORED_MENTIONS: Stored<readonly Mention[]> = {
  write: (mentions) => mentions.map(({ at, length, account }) => [at, length, account]),
  read: (value) => {
    const mentions = Array.isArray(value) ? value.map(readMention) : [undefined];
    return mentions.every((mention) => mention !== undefined) ? mentions : undefined;
  },
};

const STORED_POLL: Stored<Poll> = {
  write: ({ options, multiple }) => [multiple ? 1 : 0, ...options],
  read: (value) => {
    if (!Array.isArray(value)) return undefined;
    const [multiple, ...options] = value as unknown[];
    if ((multiple !== 0 && multiple !== 1) || !isTexts(options)) return undefined;
    return { options, multiple: multiple === 1 };
  },
};

const STORED_MEDIA: Stored<readonly MediaPointer[]> = {
  write: pointersToText,
  read: (value) => (isText(value) ? pointersFrom(value) : undefined),
};

const STORED_STATUS: Stored<StatusRef> = {
  write: ({ id, reaction }) => [id, reaction ? 1 : 0],
  read: (value) => {
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const [id, reaction] = value as unknown[];
    return isText(id) && (reaction === 0 || reaction === 1) ? { id, reaction: reaction === 1 } : undefined;
  },
};

const STORED_TRUE: Stored<true> = { write: () => 1, read: (value) => (value === 1 ? true : undefined) };
const STORED_ID: Stored<RecordId> = { write: (id) => id, read: (value) => (isText(value) ? value : undefined) };
const STORED_NUMBER: Stored<number> = { write: (n) => n, read: (value) => (isNumber(value) ? value : undefined) };

/** A field's place in the list. */
interface Place {
  readonly write: (fields: MessageFields) => unknown;
  readonly read: (value: unknown) => MessageFields | undefined;
}

const PLACES: readonly Place[] = [
  place(
    STORED_ID,
    ({ replyTo }) => replyTo,
    (replyTo) => ({ replyTo }),
  ),
  place(
    STORED_MENTIONS,
    ({ mentions }) => mentions,
    (mentions) => ({ mentions }),
  ),
  place(
    STORED_NUMBER,
    ({ expires }) => expires,
    (expires) => ({ expires }),
  ),
  place(
    STORED_POLL,
    ({ poll }) => poll,
    (poll) => ({ poll }),
  ),
  place(
    STORED_MEDIA,
    ({ media }) => media,
    (media) => ({ media }),
  ),
  place(
    STORED_TRUE,
    ({ forwarded }) => forwarded,
    (forwarded) => ({ forwarded }),
  ),
  place(
    STORED_TRUE,
    ({ viewOnce }) => viewOnce,
    (viewOnce) => ({ viewOnce }),
  ),
  place(
    STORED_STATUS,
    ({ status }) => status,
    (status) => ({ status }),
  ),
];

/** The fields' places in order. */
export function writeFields(fields: MessageFields): readonly unknown[] {
  return PLACES.map(({ write }) => write(fields));
}

/** Undefined for what {@link writeFields} never makes. */
export function readFields(values: readonly unknown[]): MessageFields | undefined {
  if (values.length !== PLACES.length) return undefined;
  let fields: MessageFields = {};
  for (const [at, { read }] of PLACES.entries()) {
    const field = read(values[at]);
    if (field === undefined) return undefined;
    fields = { ...fields, ...field };
  }
  return fields;
}

function place<T>(
  stored: Stored<T>,
  get: (fields: MessageFields) => T | undefined,
  make: (value: T) => MessageFields,
): Place {
  return {
    write: (fields) => {
      const value = get(fields);
      return value === undefined ? 0 : stored.write(value);
    },
    read: (value) => {
      if (value === 0) return {};
      const field = stored.read(value);
      return field === undefined ? undefined : make(field);
    },
  };
}

function readMention(value: unknown): Mention | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [at, length, account] = value as unknown[];
  return isNumber(at) && isNumber(length) && isText(account) ? { at, length, account } : undefined;
}
