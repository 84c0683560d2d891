import { describe, expect, it } from 'vitest';
import type { Contact, ContactState } from '@securechat/sync/api';
import { candidates, matching, toggled } from './candidates.ts';

const contact = (accountId: string, name: string, state: ContactState = 'accepted', nickname?: string): Contact => ({
  ...{ accountId, name, chatId: `chat-${accountId}`, state, verified: false },
  ...(nickname !== undefined && { nickname }),
});
const ids = (contacts: readonly Contact[]): string[] => contacts.map(({ accountId }) => accountId);

describe('candidates for a group', () => {
  it('are contacts who have answered and are not in it', () => {
    const all = [
      contact('b', 'Bob'),
      contact('c', 'Cleo'),
      ...(['invited', 'requesting', 'blocked'] as const).map((state) => contact(state, state, state)),
    ];
    expect(ids(candidates(all, (id) => id === 'c'))).toEqual(['b']);
  });

  it('are found by any words of what the reader calls them, without accents', () => {
    const all = [contact('z', 'Zoë Ångström'), contact('k', 'Kim', 'accepted', 'Neighbour Kim')];
    expect(ids(matching(all, 'angst zoe'))).toEqual(['z']);
    expect(ids(matching(all, 'NEIGH'))).toEqual(['k']);
    expect(ids(matching(all, ' '))).toEqual(['z', 'k']);
  });

  it('are chosen and let go in turn', () => {
    expect(toggled(['b'], 'c')).toEqual(['b', 'c']);
    expect(toggled(['b', 'c'], 'b')).toEqual(['c']);
  });
});
