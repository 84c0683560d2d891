/**
 * What two accounts share without having spoken: the id of their direct chat, and a secret from which the names of its
 * documents are derived. Both sides compute them alone, so either may open the chat first. Knows nothing of documents.
 *
 * The secret comes from X25519 of the two account keys: it hides document names, and no content is ever encrypted with
 * it (that is PQXDH's and the ratchet's work), so it need not be forward secret or post-quantum.
 */
import { concatSecrets, hash, utf8 } from '../bytes.ts';
import { NO_SALT, hkdf } from '../kdf.ts';
import type { Public, Secret } from '../keys.ts';
import { KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import { toX25519Secret, x25519 } from '../sodium.ts';
import type { Account } from './account.ts';
import { identityPublic } from './device.ts';
import { type AccountId, accountIdOf, type ChatId, chatIdFrom } from './ids.ts';

/** The chat between two accounts; the same from either side (C-ID-2). Both ids equal: notes to self. */
export function directChatId(a: AccountId, b: AccountId): ChatId {
  return chatIdFrom(hash(LABELS.directChatId, ...inOrder(a, b)));
}

/** The secret both sides of {@link directChatId} derive. Throws for a key that did not come through `toAccountKey`. */
export function directChatSecret(account: Account, peerKey: Public<'Account'>): Secret<'Chat'> {
  const theirs = identityPublic(peerKey);
  const shared = theirs && x25519(toX25519Secret(account.secretKey), theirs);
  if (shared === undefined) throw new Error('directChatSecret: not a usable account key');
  const material = concatSecrets<'Chat'>(shared, ...inOrder(account.id, accountIdOf(peerKey)));
  return hkdf<'Chat'>({ salt: NO_SALT, material, info: LABELS.directChatSecret, length: KEY_BYTES });
}

/** Base64url of 32 bytes is 43 ASCII characters, so comparing strings compares bytes. */
function inOrder(a: AccountId, b: AccountId): readonly Uint8Array[] {
  return (a <= b ? [a, b] : [b, a]).map(utf8);
}
