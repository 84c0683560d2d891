/**
 * What makes a group: its id, which binds who founded it, and a secret that all its members' devices know. The secret names
 * documents and opens envelopes as far as the sender key's id; no content is encrypted with it (that is for sender keys),
 * so who was removed and kept it learns which envelopes are of the group, if a relay shows it some, and no more.
 * Knows nothing of members.
 */
import { hash } from '../bytes.ts';
import { type ChatId, chatIdFrom } from '../identity/ids.ts';
import { hkdf, NO_SALT } from '../kdf.ts';
import type { Open, Public, Secret } from '../keys.ts';
import { asSecret, KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';

/** Known to all devices of all members. Sent only inside sealed messages. */
export type GroupSecret = Secret<'Group'>;

/** The id of the group that the account with this key founded with this nonce (C-GROUP-2): 16 random bytes. */
export function groupChatId(founderKey: Public<'Account'>, nonce: Open): ChatId {
  return chatIdFrom(hash(LABELS.groupChatId, founderKey, nonce));
}

/** A new group's secret. */
export function createGroupSecret(random: Random): GroupSecret {
  return asSecret<'Group'>(random(KEY_BYTES));
}

/** A group's secret that came in a sealed message; `undefined` unless it is 32 bytes. */
export function toGroupSecret(bytes: Uint8Array): GroupSecret | undefined {
  return bytes.length === KEY_BYTES ? asSecret<'Group'>(bytes.slice()) : undefined;
}

/** The key under which members find the envelopes of their group. */
export function groupHeaderKey(secret: GroupSecret): Secret<'GroupHeader'> {
  return hkdf<'GroupHeader'>({ salt: NO_SALT, material: secret, info: LABELS.groupHeaderKey, length: KEY_BYTES });
}

/** The secret that the group's documents are named by, as `directChatSecret` is for a direct chat's. */
export function chatSecretOfGroup(secret: GroupSecret): Secret<'Chat'> {
  return hkdf<'Chat'>({ salt: NO_SALT, material: secret, info: LABELS.groupChatSecret, length: KEY_BYTES });
}
