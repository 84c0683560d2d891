/**
 * The bytes of acts (act.ts says what they mean). Each kind names its fields once, in wire order:
 *
 *      1 found        founder key 32 | nonce 16 | name | optional description
 *      2 add          u16 (1 to 256), ascending by key: key 32 | relay URL | role u8 | history u8, ms 6 | optional invite 32, proof 64
 *      3 remove       account 32 | ban u8 | u16 (at most 256), ascending: author 32, n u32
 *      4 unban        account 32                        5 role     account 32 | role u8
 *      6 permissions  write u8 | add u8 | info u8 | pin u8
 *      7 info         optional name | optional description | optional avatar: type, bytes
 *      8 timer        seconds u32                       9 pin      record id 18 | pinned u8
 *     10 invite       key 32 | expires 6 | approval u8 | uses u16      11 revoke   key 32
 *     12 request      key 32 | relay URL | invite 32, proof 64         13 decline  account 32
 *
 * Texts and byte strings have a u16 length, optional ones a presence byte.
 */
import {
  ACT_LIMITS,
  type Act,
  type ActBody,
  type AddAct,
  type Avatar,
  type FoundAct,
  type HistoryGrant,
  type InfoAct,
  type InviteAct,
  type InviteProof,
  type KnownAct,
  type NewMember,
  type PermissionsAct,
  type PinAct,
  type RemoveAct,
  type RequestAct,
  type RoleAct,
  type SeenCounter,
} from './act.ts';
import { ACT_ID_BYTES, type ActId, actIdBytes, actIdFrom } from './act-id.ts';
import { type ByteCursor, ByteSink, Unreadable } from './cursor.ts';
import { type Field, always, fixed, flag, mapped, oneOf, optional, sized, struct, text, unsigned } from './fields.ts';
import { sortedList } from './list-fields.ts';
import { ACCOUNT, RECORD } from './name-fields.ts';

const KEY = fixed(32);
const TIME = unsigned(6);
const WHO = oneOf('everyone', 'admins');
const ACT: Field<ActId> = mapped(ACT_ID_BYTES, actIdFrom, actIdBytes);
const RELAY_URL = text(1, ACT_LIMITS.relayUrl);
const VIA: Field<InviteProof> = struct<InviteProof>({ invite: KEY, proof: fixed(64) });
const AFTER = sortedList(ACT, { width: 1, least: 0, most: ACT_LIMITS.after }, actIdBytes);

const HISTORY_FROM = oneOf('nothing', 'time', 'all');
const HISTORY: Field<HistoryGrant> = {
  write: (sink, value) => {
    HISTORY_FROM.write(sink, value.from);
    if (value.from === 'time') TIME.write(sink, value.ms);
  },
  read: (cursor) => {
    const from = HISTORY_FROM.read(cursor);
    return from === 'time' ? { from, ms: TIME.read(cursor) } : { from };
  },
};

const PICTURE: Field<Avatar> = struct<Avatar>({
  type: text(0, ACT_LIMITS.avatarType),
  bytes: sized(ACT_LIMITS.avatar),
});
const AVATAR: Field<Avatar> = {
  write: (sink, value) => {
    if (!isWhole(value)) throw new RangeError('a picture has bytes and a type, or neither');
    PICTURE.write(sink, value);
  },
  read: (cursor) => {
    const value = PICTURE.read(cursor);
    if (!isWhole(value)) throw new Unreadable('a picture has bytes and a type, or neither');
    return value;
  },
};

const NEW_MEMBER: Field<NewMember> = struct<NewMember>({
  accountKey: KEY,
  relayUrl: RELAY_URL,
  role: oneOf('admin', 'member'),
  history: HISTORY,
  via: optional(VIA),
});
const SEEN: Field<SeenCounter> = struct<SeenCounter>({ author: KEY, n: unsigned(4) });

/** Place in this list + 1 is the tag on the wire. A field of one kind writes only acts of that kind: the type is the key. */
const KINDS: readonly (readonly [KnownAct['type'], Field<KnownAct>])[] = [
  [
    'found',
    struct<FoundAct>({
      type: always('found'),
      founderKey: KEY,
      nonce: fixed(16),
      name: text(1, ACT_LIMITS.name),
      description: optional(text(1, ACT_LIMITS.description)),
    }),
  ],
  [
    'add',
    struct<AddAct>({
      type: always('add'),
      members: sortedList(NEW_MEMBER, { width: 2, least: 1, most: ACT_LIMITS.members }, (member) => member.accountKey),
    }),
  ],
  [
    'remove',
    struct<RemoveAct>({
      type: always('remove'),
      account: ACCOUNT,
      ban: flag,
      seen: sortedList(SEEN, { width: 2, least: 0, most: ACT_LIMITS.seen }, (entry) => entry.author),
    }),
  ],
  ['unban', struct<KnownAct & { type: 'unban' }>({ type: always('unban'), account: ACCOUNT })],
  ['role', struct<RoleAct>({ type: always('role'), account: ACCOUNT, role: oneOf('owner', 'admin', 'member') })],
  ['permissions', struct<PermissionsAct>({ type: always('permissions'), write: WHO, add: WHO, info: WHO, pin: WHO })],
  [
    'info',
    struct<InfoAct>({
      type: always('info'),
      name: optional(text(1, ACT_LIMITS.name)),
      description: optional(text(0, ACT_LIMITS.description)),
      avatar: optional(AVATAR),
    }),
  ],
  ['timer', struct<KnownAct & { type: 'timer' }>({ type: always('timer'), seconds: unsigned(4) })],
  ['pin', struct<PinAct>({ type: always('pin'), target: RECORD, pinned: flag })],
  [
    'invite',
    struct<InviteAct>({ type: always('invite'), invite: KEY, expiresAt: TIME, approval: flag, uses: unsigned(2) }),
  ],
  ['revoke', struct<KnownAct & { type: 'revoke' }>({ type: always('revoke'), invite: KEY })],
  ['request', struct<RequestAct>({ type: always('request'), accountKey: KEY, relayUrl: RELAY_URL, via: VIA })],
  ['decline', struct<KnownAct & { type: 'decline' }>({ type: always('decline'), account: ACCOUNT })],
];

/** Appends an act in its place; throws RangeError for one that no decoder would accept (a bug of the caller). */
export function writeActBody(sink: ByteSink, { after, act }: ActBody): void {
  if (!isInPlace(after, act)) throw new RangeError('a founding follows nothing, everything else something');
  const body = new ByteSink();
  AFTER.write(body, after);
  writeAct(body, act);
  const bytes = body.finish();
  if (bytes.length > ACT_LIMITS.body) throw new RangeError('an act is too long for a record');
  sink.put(bytes);
}

/** Reads what {@link writeActBody} wrote, to the end; throws {@link Unreadable}. */
export function readActBody(cursor: ByteCursor): ActBody {
  if (cursor.left > ACT_LIMITS.body) throw new Unreadable('an act is too long for a record');
  const after = AFTER.read(cursor);
  const tag = cursor.u8();
  const act = KINDS[tag - 1]?.[1].read(cursor) ?? { type: 'unknown' as const, tag, bytes: cursor.rest() };
  if (!isInPlace(after, act)) throw new Unreadable('a founding follows nothing, everything else something');
  return { kind: 'act', after, act };
}

function writeAct(sink: ByteSink, act: Act): void {
  if (act.type === 'unknown') {
    if (KINDS[act.tag - 1] !== undefined) throw new RangeError('this kind is known');
    sink.u8(act.tag).put(act.bytes);
    return;
  }
  const at = KINDS.findIndex(([type]) => type === act.type);
  sink.u8(at + 1);
  KINDS[at]?.[1].write(sink, act);
}

function isInPlace(after: readonly ActId[], act: Act): boolean {
  return (act.type === 'found') === (after.length === 0);
}

function isWhole(avatar: Avatar): boolean {
  return (avatar.type === '') === (avatar.bytes.length === 0);
}
