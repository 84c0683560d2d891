/**
 * The name of an act in a group's history: the whole SHA-256 of its record's canonical content. A record id would not do,
 * because its hash is short enough for an author to find two contents of one id, and to show each to other people.
 *
 *     act id = SHA-256("SecureChat act id v1" || content)        base64url in memory, 32 bytes on the wire
 */
import { fromBase64Url, hash, toBase64Url } from '@securechat/crypto';

declare const actIdBrand: unique symbol;
export type ActId = string & { readonly [actIdBrand]: true };

export const ACT_ID_BYTES = 32;
const LABEL = 'SecureChat act id v1';

/** The id of the act whose record has this content. */
export function makeActId(content: Uint8Array): ActId {
  return actIdFrom(hash(LABEL, content));
}

/** The text of an id's {@link ACT_ID_BYTES} bytes; throws RangeError for any other length. */
export function actIdFrom(bytes: Uint8Array): ActId {
  if (bytes.length !== ACT_ID_BYTES) throw new RangeError('not an act id');
  return toBase64Url(bytes) as ActId;
}

/** Inverse of {@link actIdFrom}; throws RangeError for text that it never makes. */
export function actIdBytes(id: ActId): Uint8Array {
  const bytes = fromBase64Url(id);
  if (bytes?.length !== ACT_ID_BYTES) throw new RangeError('not an act id');
  return bytes;
}
