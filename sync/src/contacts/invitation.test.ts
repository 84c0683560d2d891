import { createAccount, ready, seededRandom } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { invitationLink, parseInvitation } from './invitation.ts';

beforeAll(ready);

function invitation() {
  const { publicKey } = createAccount(seededRandom(new Uint8Array(32).fill(1)));
  return { publicKey, relayUrl: 'https://relay.example', name: 'Änn 安' };
}

describe('invite link', () => {
  it('S-INVITE-1 carries the account key, the relay and a name through link, fragment and bare code', () => {
    const link = invitationLink('https://app.example', invitation());
    for (const text of [link, link.slice(link.indexOf('#')), link.slice(link.indexOf('#') + 1), `  ${link}\n`]) {
      expect(parseInvitation(text)).toMatchObject(invitation());
    }
  });

  it('S-INVITE-2 holds everything in the fragment, which browsers do not send', () => {
    const url = new URL(invitationLink('https://app.example', invitation()));
    expect(`${url.pathname}${url.search}`).toBe('/add');
  });

  it('S-INVITE-3 refuses what is damaged, of another version, or names a relay that is no origin', () => {
    const link = invitationLink('https://app.example', invitation());
    expect(parseInvitation(link.slice(0, -3))).toBeUndefined();
    expect(parseInvitation(link.replace('#A', '#C'))).toBeUndefined();
    expect(parseInvitation(invitationLink('', { ...invitation(), relayUrl: 'javascript:alert(1)' }))).toBeUndefined();
    expect(
      parseInvitation(invitationLink('', { ...invitation(), relayUrl: 'https://relay.example/path' })),
    ).toBeUndefined();
    expect(parseInvitation('')).toBeUndefined();
  });
});
