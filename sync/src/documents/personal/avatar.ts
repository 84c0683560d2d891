/** A picture kept as two fields. The same bytes stay the same reference, so that it crosses to a tab once. */
import type { Avatar } from '../../api.ts';
import type { Scalar } from './flat-document.ts';
import type { Fields } from './fields.ts';

const TYPES: readonly string[] = ['image/webp', 'image/png', 'image/jpeg'] satisfies Avatar['type'][];

/** The picture among some fields, if there is a whole one. */
export function readAvatar(fields: Fields, before: Avatar | undefined): Avatar | undefined {
  const [bytes, type] = [fields.get('avatar'), fields.get('avatarType')];
  if (!(bytes instanceof Uint8Array) || typeof type !== 'string' || !isType(type)) return undefined;
  const isSame =
    before?.type === type && before.bytes.length === bytes.length && before.bytes.every((b, i) => b === bytes[i]);
  return isSame ? before : { bytes, type };
}

/** The fields that set a picture (null: take it away); none when it is undefined. */
export function avatarFields(avatar: Avatar | null | undefined): Record<string, Scalar | undefined> {
  if (avatar === undefined) return {};
  return { avatar: avatar?.bytes, avatarType: avatar?.type };
}

function isType(type: string): type is Avatar['type'] {
  return TYPES.includes(type);
}
