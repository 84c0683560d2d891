/**
 * A picture kept as one field, so that a merge never takes bytes and type from two pictures. The same bytes stay the same
 * reference, so that it crosses to a tab once.
 *
 *     avatar = type u8 (1 webp, 2 png, 3 jpeg) | bytes
 */
import { concat } from '@securechat/crypto';
import type { Avatar } from '../../api.ts';
import { type Scalar, isSameScalar } from './flat-document.ts';
import type { Fields } from './fields.ts';

const TYPES: readonly Avatar['type'][] = ['image/webp', 'image/png', 'image/jpeg'];

/** The picture among some fields, if there is one. */
export function readAvatar(fields: Fields, before: Avatar | undefined): Avatar | undefined {
  const field = fields.get('avatar');
  const type = field instanceof Uint8Array ? TYPES[(field[0] ?? 0) - 1] : undefined;
  if (!(field instanceof Uint8Array) || type === undefined) return undefined;
  const bytes = field.slice(1);
  return before?.type === type && isSameScalar(before.bytes, bytes) ? before : { bytes, type };
}

/** The fields that set a picture (null: take it away); none when it is undefined. */
export function avatarFields(avatar: Avatar | null | undefined): Record<string, Scalar | undefined> {
  if (avatar === undefined) return {};
  return { avatar: avatar ? concat(Uint8Array.of(TYPES.indexOf(avatar.type) + 1), avatar.bytes) : undefined };
}
