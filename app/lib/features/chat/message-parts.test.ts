import { expect, it } from 'vitest';
import type { Mention } from '@securechat/sync/api';
import { splitMessage } from './message-parts.ts';

const mention = (at: number, length: number): Mention => ({ at, length, accountId: 'ann', name: 'Ann', me: false });

it('is split at its mentions, and at addresses between them', () => {
  const text = '@Ann see https://a.example and ask @Bob';
  const parts = splitMessage(text, [mention(0, 4), mention(35, 4)]);
  expect(parts.map(({ type, text: words }) => [type, words])).toEqual([
    ['mention', '@Ann'],
    ['text', ' see '],
    ['link', 'https://a.example'],
    ['text', ' and ask '],
    ['mention', '@Bob'],
  ]);
  expect(splitMessage('no mention', [])).toEqual([{ type: 'text', text: 'no mention' }]);
  expect(splitMessage('@Ann@Bob', [mention(0, 4), mention(4, 4)])).toHaveLength(2);
});
