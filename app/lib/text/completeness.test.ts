import type { AskedFor } from '@securechat/sync/api';
import { describe, expect, it } from 'vitest';
import { describeCompleteness } from './completeness.ts';

const ann: AskedFor = { name: 'Ann', of: 'member', since: 0 };
const bob: AskedFor = { name: 'Bob', of: 'member', since: 0 };
const unnamed: AskedFor = { name: '', of: 'member', since: 0 };
const laptop: AskedFor = { name: 'Laptop', of: 'device', since: 0 };
const other: AskedFor = { name: '', of: 'device', since: 0 };

const said = (asking: readonly AskedFor[], waiting: readonly AskedFor[] = []): string =>
  describeCompleteness({ missing: 12, asking, waiting }).text;

describe('completeness', () => {
  it('says how much is missing', () => {
    const titles = [0, 1, 1200].map((missing) => describeCompleteness({ missing, asking: [], waiting: [] }).title);
    expect(titles).toEqual(['Complete', 'One message is missing', '1,200 messages are missing']);
  });

  it('says who is being asked, by name, and who has not answered', () => {
    expect(said([ann, laptop])).toBe('Asking Ann and your device “Laptop”.');
    expect(said([ann], [bob])).toBe('Asking Ann. Bob has not answered yet.');
    expect(said([ann, bob, unnamed, laptop, other])).toBe('Asking Ann, Bob, Somebody and 2 others.');
  });

  it('says when it comes when nobody answers', () => {
    expect(said([], [ann])).toBe('Ann was asked and has not answered yet. What is missing comes when Ann is online.');
    expect(said([], [other, ann])).toBe(
      'Another of your devices and Ann were asked and have not answered yet. What is missing comes when one of them is online.',
    );
  });

  it('says that those who answered had nothing of it', () => {
    expect(said([])).toBe('Nobody who answered so far has it. The question is repeated from time to time.');
  });
});
