/**
 * The key of an invitation by link: whoever has the link holds its secret, and proves that to the group for one account in
 * one chat. The group publishes the public key and says what the invite is good for. Knows nothing of links, terms, members.
 */
import { concat, fromBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import type { AccountId, ChatId } from '../identity/ids.ts';
import { signLabelled, verifyLabelled } from '../identity/signature.ts';
import type { Public, Secret } from '../keys.ts';
import { asPublic, asSecret, KEY_BYTES } from '../keys.ts';
import { LABELS } from '../labels.ts';
import type { Random } from '../random.ts';
import { signingPair } from '../sodium.ts';

/** 32 bytes, an Ed25519 seed. Whoever has them may ask to join. */
export type InviteSecret = Secret<'Invite'>;

/** Both halves of a new invite. */
export interface Invite {
  readonly secret: InviteSecret;
  readonly publicKey: Public<'Invite'>;
}

const SEPARATOR = Uint8Array.of(0);
/** Base64url of 32 bytes; longer text is not looked at. */
const TEXT_LENGTH = 43;

/** A new invite. */
export function createInvite(random: Random): Invite {
  const secret = asSecret<'Invite'>(random(KEY_BYTES));
  return { secret, publicKey: inviteKeyOf(secret) };
}

/** The public key of an invite whose secret came in a link. */
export function inviteKeyOf(secret: InviteSecret): Public<'Invite'> {
  return asPublic<'Invite'>(signingPair(secret).publicKey);
}

/** The secret for a link: 43 characters, as secret as the link is meant to be. */
export function formatInviteSecret(secret: InviteSecret): string {
  return toBase64Url(new Uint8Array(secret));
}

/** Inverse of {@link formatInviteSecret}; `undefined` for anything else. */
export function parseInviteSecret(text: string): InviteSecret | undefined {
  const bytes = text.length > TEXT_LENGTH ? undefined : fromBase64Url(text);
  return bytes?.length === KEY_BYTES ? asSecret<'Invite'>(bytes) : undefined;
}

/** "This account was invited to this chat", signed by the invite: 64 bytes. */
export function proveInvite(secret: InviteSecret, chatId: ChatId, accountId: AccountId): Uint8Array {
  const { secretKey } = signingPair(secret);
  return signLabelled(asSecret<'Invite'>(secretKey), LABELS.groupInvite, claim(chatId, accountId));
}

/** Whether {@link proveInvite} made this proof for exactly these three. Wrong lengths are false. */
export function verifyInvite(
  publicKey: Public<'Invite'>,
  chatId: ChatId,
  accountId: AccountId,
  proof: Uint8Array,
): boolean {
  return verifyLabelled(publicKey, LABELS.groupInvite, claim(chatId, accountId), proof);
}

function claim(chatId: ChatId, accountId: AccountId): Uint8Array {
  return concat(utf8(chatId), SEPARATOR, utf8(accountId));
}
