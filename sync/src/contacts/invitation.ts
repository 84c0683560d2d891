/**
 * The invite link: `<app origin>/add#<code>`. The code carries the account key itself, so nobody on the way can swap the
 * account; browsers do not send a fragment, so no server sees it. The same code is the content of the QR.
 *
 *     code = base64url( version u8 | account key 32 | relay URL string | name string )
 */
import { type AccountId, type Public, accountIdOf, fromBase64Url, toAccountKey, toBase64Url } from '@securechat/crypto';
import { ByteReader, ByteWriter, Unreadable } from '../payload/bytes.ts';
import { isRelayUrl } from '../peers/introduction.ts';

const VERSION = 1;
const KEY = 32;
/** Characters of a link's code, and bytes of the texts in it. */
export const LINK_LIMITS = { code: 2048, url: 512, name: 256 } as const;

export interface InvitationCode {
  readonly accountId: AccountId;
  readonly publicKey: Public<'Account'>;
  readonly relayUrl: string;
  readonly name: string;
}

export function invitationLink(origin: string, invitation: Omit<InvitationCode, 'accountId'>): string {
  const code = new ByteWriter()
    .u8(VERSION)
    .fixed(invitation.publicKey)
    .string(invitation.relayUrl)
    .string(invitation.name)
    .finish();
  return `${origin}/add#${toBase64Url(code)}`;
}

/** Accepts a whole link, its fragment or a bare code; undefined when it is none of these. */
export function parseInvitation(text: string): InvitationCode | undefined {
  return readLinkCode(text, (reader) => {
    if (reader.u8() !== VERSION) return undefined;
    const publicKey = toAccountKey(reader.fixed(KEY));
    const relayUrl = reader.string(LINK_LIMITS.url);
    const name = reader.string(LINK_LIMITS.name);
    // A key that is no point of the curve has no chat: refused here, it gets into no contact.
    if (publicKey === undefined || !isRelayUrl(relayUrl)) return undefined;
    return { accountId: accountIdOf(publicKey), publicKey, relayUrl, name };
  });
}

/** What `read` makes of the code of a link, whole or bare; undefined when there is none, it is cut, or something is left. */
export function readLinkCode<T>(text: string, read: (reader: ByteReader) => T | undefined): T | undefined {
  const code = text.trim().split('#').at(-1) ?? '';
  const bytes = code.length > LINK_LIMITS.code ? undefined : fromBase64Url(code);
  if (bytes === undefined) return undefined;
  try {
    const reader = new ByteReader(bytes);
    const value = read(reader);
    if (value !== undefined) reader.end();
    return value;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
