/** Parts about statuses, to bytes and back; a layout is in SPEC, "Payload". Reading throws {@link Unreadable}. */
import { type AccountId, fromBase64Url, toAccountId, toBase64Url } from '@securechat/crypto';
import { type ByteReader, type ByteWriter, Unreadable } from './bytes.ts';
import { readChatId, readFlag, readMillis, writeMillis } from './scalars.ts';
import {
  type StatusMark,
  STATUS_PART_LIMITS,
  type StatusPart,
  STATUS_TAGS,
  type StatusTag,
  type StatusView,
} from './status-parts.ts';

const KEY = 32;
const SIGNATURE = 64;
const HASH = 16;
const MARKS = ['has', 'seen', 'gone'] as const satisfies readonly StatusMark[];

/** Appends the fields of a part, without its tag. */
export function writeStatusPart(writer: ByteWriter, part: StatusPart): void {
  switch (part.type) {
    case 'status':
      writeAccount(writer, part.account);
      writer.fixed(part.secret).fixed(part.key).fixed(part.deviceKey).fixed(part.proof).fixed(part.certificate);
      writer.bytes(part.change);
      return;
    case 'statusMark':
      writer.string(part.statusId).u8(MARKS.indexOf(part.what));
      writeMillis(writer, part.time);
      return;
    case 'statusGone':
      writer.string(part.statusId);
      return;
    case 'statusState':
      writeAccount(writer, part.account);
      writer.string(part.statusId).u8(part.isDeleted ? 1 : 0);
      writer.list(part.audience, writeAccount).list(part.views, writeView);
      return;
    case 'statusDigest':
      writer.u8(part.isReply ? 1 : 0);
      writer.list(part.statuses, (w, { statusId, hash }) => w.string(statusId).fixed(hash));
      return;
  }
}

/** Reads the fields of a part with this tag. */
export function readStatusPart(reader: ByteReader, tag: StatusTag): StatusPart {
  const { accounts, digest, change } = STATUS_PART_LIMITS;
  switch (tag) {
    case STATUS_TAGS.status:
      return {
        type: 'status',
        account: readAccount(reader),
        secret: reader.fixed(KEY),
        key: reader.fixed(KEY),
        deviceKey: reader.fixed(KEY),
        proof: reader.fixed(SIGNATURE),
        certificate: reader.fixed(SIGNATURE),
        change: reader.bytes(change),
      };
    case STATUS_TAGS.statusMark:
      return { type: 'statusMark', statusId: readChatId(reader), what: readMark(reader), time: readMillis(reader) };
    case STATUS_TAGS.statusGone:
      return { type: 'statusGone', statusId: readChatId(reader) };
    case STATUS_TAGS.statusState:
      return {
        type: 'statusState',
        account: readAccount(reader),
        statusId: readChatId(reader),
        isDeleted: readFlag(reader),
        audience: reader.list(accounts, readAccount),
        views: reader.list(accounts, readView),
      };
    case STATUS_TAGS.statusDigest:
      return {
        type: 'statusDigest',
        isReply: readFlag(reader),
        statuses: reader.list(digest, (r) => ({ statusId: readChatId(r), hash: r.fixed(HASH) })),
      };
  }
}

function writeAccount(writer: ByteWriter, account: AccountId): ByteWriter {
  return writer.fixed(fromBase64Url(account) ?? new Uint8Array(KEY));
}

function readAccount(reader: ByteReader): AccountId {
  const account = toAccountId(toBase64Url(reader.fixed(KEY)));
  if (account === undefined) throw new Unreadable('not an account');
  return account;
}

function writeView(writer: ByteWriter, { account, seenAt }: StatusView): void {
  writeAccount(writer, account);
  writeMillis(writer, seenAt);
}

function readView(reader: ByteReader): StatusView {
  return { account: readAccount(reader), seenAt: readMillis(reader) };
}

function readMark(reader: ByteReader): StatusMark {
  const what = MARKS[reader.u8()];
  if (what === undefined) throw new Unreadable('an unknown mark');
  return what;
}
