/**
 * The link to a group: `<app origin>/join#<code>`. It carries who made it, so that whoever opens it knows whom to ask, and
 * the secret with which they prove that they have it. Browsers do not send a fragment, so no server sees it.
 *
 *     code = base64url( version u8 | group 16 | account key 32 | invite secret 32 | relay URL string | group name string )
 */
import {
  type AccountId,
  type ChatId,
  type InviteSecret,
  type Public,
  accountIdOf,
  formatInviteSecret,
  fromBase64Url,
  parseInviteSecret,
  toAccountKey,
  toBase64Url,
} from '@securechat/crypto';
import { LINK_LIMITS, readLinkCode } from '../contacts/invitation.ts';
import { ByteWriter } from '../payload/bytes.ts';
import { isRelayUrl } from '../peers/introduction.ts';

const VERSION = 1;
const GROUP = 16;
const KEY = 32;

export interface GroupInvitationCode {
  readonly groupId: ChatId;
  /** Who made the link. */
  readonly accountId: AccountId;
  readonly publicKey: Public<'Account'>;
  readonly relayUrl: string;
  readonly secret: InviteSecret;
  /** Unverified: what the link says. */
  readonly name: string;
}

export function groupInvitationLink(origin: string, code: Omit<GroupInvitationCode, 'accountId'>): string {
  const bytes = new ByteWriter()
    .u8(VERSION)
    .fixed(fromBase64Url(code.groupId) ?? new Uint8Array(GROUP))
    .fixed(code.publicKey)
    .fixed(fromBase64Url(formatInviteSecret(code.secret)) ?? new Uint8Array(KEY))
    .string(code.relayUrl)
    .string(code.name)
    .finish();
  return `${origin}/join#${toBase64Url(bytes)}`;
}

/** Accepts a whole link, its fragment or a bare code; undefined when it is none of these. */
export function parseGroupInvitation(text: string): GroupInvitationCode | undefined {
  return readLinkCode(text, (reader) => {
    if (reader.u8() !== VERSION) return undefined;
    const groupId = toBase64Url(reader.fixed(GROUP)) as ChatId;
    const publicKey = toAccountKey(reader.fixed(KEY));
    const secret = parseInviteSecret(toBase64Url(reader.fixed(KEY)));
    const relayUrl = reader.string(LINK_LIMITS.url);
    const name = reader.string(LINK_LIMITS.name);
    if (publicKey === undefined || secret === undefined || !isRelayUrl(relayUrl)) return undefined;
    return { groupId, accountId: accountIdOf(publicKey), publicKey, relayUrl, secret, name };
  });
}
