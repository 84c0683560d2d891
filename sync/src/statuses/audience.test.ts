import type { AccountId } from '@securechat/crypto';
import { describe, expect, it } from 'vitest';
import { STATUS_LIMITS, type StatusAudience } from '../api-status.ts';
import { audienceFrom, audienceToText, checkedAudience, membersOf } from './audience.ts';

const [ANN, BOB, CLEO] = ['ann', 'bob', 'cleo'] as [AccountId, AccountId, AccountId];

describe('the audience of a status', () => {
  it('S-STATUS-2 is chosen among contacts, and nobody else is ever in it', () => {
    const of = (audience: StatusAudience): readonly AccountId[] => membersOf(audience, [ANN, BOB]);
    expect(of({ type: 'all' })).toEqual([ANN, BOB]);
    expect(of({ type: 'except', accountIds: [BOB, CLEO] })).toEqual([ANN]);
    expect(of({ type: 'only', accountIds: [BOB, CLEO] })).toEqual([BOB]);
    expect(of({ type: 'only', accountIds: [CLEO] })).toEqual([]);
    const many = Array.from({ length: STATUS_LIMITS.audience + 5 }, (_, n) => String(n) as AccountId);
    expect(membersOf({ type: 'all' }, many).length).toBe(STATUS_LIMITS.audience);
  });

  it('S-STATUS-2 comes back as it was kept; whatever else is kept means all', () => {
    for (const audience of [
      { type: 'all' },
      { type: 'except', accountIds: [] },
      { type: 'only', accountIds: [ANN, BOB] },
    ] as const)
      expect(audienceFrom(audienceToText(audience))).toEqual(audience);
    for (const other of [undefined, 7, '', '{', '[]', '"only"', '["only"]', '["only",7]', '["none","ann"]'])
      expect(audienceFrom(other)).toEqual({ type: 'all' });
    expect(checkedAudience({ type: 'only', accountIds: [] })).toBeUndefined();
    expect(checkedAudience({ type: 'only', accountIds: [BOB, ANN, BOB] })).toEqual({
      type: 'only',
      accountIds: [ANN, BOB],
    });
    const many = Array.from({ length: STATUS_LIMITS.audience + 1 }, (_, n) => String(n));
    expect(checkedAudience({ type: 'except', accountIds: many })).toBeUndefined();
  });
});
