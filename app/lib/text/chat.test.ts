import { describe, expect, it } from 'vitest';
import { describeTyping, sayTyping } from './chat.ts';

describe('typing', () => {
  it('is told with up to two names, then as a number', () => {
    expect(sayTyping([])).toBeUndefined();
    expect(sayTyping(['Ann'])).toBe('Ann is typing');
    expect(sayTyping(['Ann', ''])).toBe('Ann and Somebody are typing');
    expect(sayTyping(['Ann', 'Bob', 'Cleo'])).toBe('3 people are typing');
  });

  it('needs no name in a direct chat', () => {
    expect(describeTyping({ kind: 'direct', typing: ['Bob'] })).toBe('typing…');
    expect(describeTyping({ kind: 'group', typing: ['Bob'] })).toBe('Bob is typing…');
    expect(describeTyping({ kind: 'group', typing: [] })).toBeUndefined();
  });
});
