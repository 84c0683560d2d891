import { describe, expect, it } from 'vitest';
import type { GroupMember, MentionRange } from '@securechat/sync/api';
import { matchMembers, moveMentions, queryAt } from './mentions.ts';

const mention = (at: number, length: number): MentionRange => ({ at, length, accountId: 'ann' });
const member = (name: string, me = false): GroupMember => ({
  ...{ accountId: name, name, me, role: 'member', since: 0, removable: false, roles: [] },
});

describe('a mention that is being typed', () => {
  it.each([
    ['@', 1, { at: 0, text: '' }],
    ['hi @an', 6, { at: 3, text: 'an' }],
    ['hi (@an', 7, { at: 4, text: 'an' }],
    ['@Ann Lee', 8, { at: 0, text: 'Ann Lee' }],
    ['hi @an there', 6, { at: 3, text: 'an' }],
    ['@a @b', 5, { at: 3, text: 'b' }],
    ['ann@example', 11, undefined],
    ['é@x', 3, undefined],
    ['@ an', 4, undefined],
    ['@an\nx', 5, undefined],
    ['hi', 2, undefined],
    ['@an', 0, undefined],
    ['', 0, undefined],
  ])('%j at %i', (text, caret, expected) => {
    expect(queryAt(text, caret, [])).toEqual(expected);
  });

  it('is none where one is already', () => {
    expect(queryAt('@Ann x', 6, [mention(0, 4)])).toBeUndefined();
  });

  it('finds members by any part of their name, first those that begin with it, and not oneself', () => {
    const members = ['Joanna', 'Ann Lee', 'Édouard', '', 'Bob'].map((name) => member(name));
    const names = (query: string) => matchMembers([...members, member('Anna', true)], query).map(({ name }) => name);
    expect(names('ann')).toEqual(['Ann Lee', 'Joanna']);
    expect(names('EDO')).toEqual(['Édouard']);
    expect(names('lee')).toEqual(['Ann Lee']);
    expect(names('ann ')).toEqual(['Ann Lee']);
    expect(names('')).toEqual(['Joanna', 'Ann Lee', 'Édouard', 'Bob']);
    expect(names('x')).toEqual([]);
  });
});

describe('mentions as the text changes', () => {
  const text = 'so @Ann and @Bob';
  const both = [mention(3, 4), mention(12, 4)];
  it.each([
    ['typed before them', 'so, @Ann and @Bob', [4, 13]],
    ['typed at the very start', 'x so @Ann and @Bob', [5, 14]],
    ['typed between them', 'so @Ann and then @Bob', [3, 17]],
    ['typed after them', 'so @Ann and @Bob!', [3, 12]],
    ['typed right before one', 'so x@Ann and @Bob', [4, 13]],
    ['deleted before them', '@Ann and @Bob', [0, 9]],
    ['one of them changed', 'so @Anna and @Bob', [3, 13]],
    ['a letter of one deleted', 'so @An and @Bob', [11]],
    ['its @ deleted', 'so Ann and @Bob', [11]],
    ['typed into one', 'so @AnXn and @Bob', [13]],
    ['a stretch over both replaced', 'so nobody', []],
    ['everything deleted', '', []],
  ])('%s', (_, after, places) => {
    const moved = moveMentions(both, text, after);
    expect(moved.map(({ at }) => at)).toEqual(places);
    for (const { at, length } of moved) expect(['@Ann', '@Bob']).toContain(after.slice(at, at + length));
  });
});
