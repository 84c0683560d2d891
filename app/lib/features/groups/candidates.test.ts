import { describe, expect, it } from 'vitest';
import type { Contact, ContactState } from '@securechat/sync/api';
import { candidates, nameOf } from './candidates.ts';

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

  it('are called what the reader calls them', () => {
    expect([contact('z', 'Zoë'), contact('k', 'Kim', 'accepted', 'Neighbour Kim')].map(nameOf)).toEqual([
      'Zoë',
      'Neighbour Kim',
    ]);
  });
});
