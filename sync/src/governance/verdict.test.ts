/** Which records of the removed, and of people who may not write, are shown. */
import { ready, toBase64Url } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { Story, add, addAdmin, found, idOf, keyOf, permit, remove, role } from './group.fixture.ts';
import { verdictOf } from './verdict.ts';

beforeAll(ready);

const verdict = (story: Story, who: string, record: { key?: string; n?: number; ms?: number } = {}) => {
  const author = toBase64Url(keyOf(record.key ?? who));
  const time = { ms: record.ms ?? 9_000_000_000_000, counter: 0 };
  return verdictOf(story.state(), { account: idOf(who), author, n: record.n ?? 1, time });
};

describe('records', () => {
  it('G-CUT-1 of people who never were members are not shown', () => {
    const story = new Story();
    story.write('ann', found('ann'));
    story.write('ann', remove('fay', { ban: true }));
    expect([verdict(story, 'ann'), verdict(story, 'eve'), verdict(story, 'fay')]).toEqual([
      'shown',
      'NotMember',
      'NotMember',
    ]);
  });

  it('G-CUT-2 of the removed are shown as far as the remover had them, by key', () => {
    const story = new Story();
    story.write('ann', found('ann'));
    story.write('ann', add('bob'));
    expect(verdict(story, 'bob', { key: 'laptop', n: 99 })).toBe('shown');
    story.write('ann', remove('bob', { seen: { laptop: 7 } }));
    expect(verdict(story, 'bob', { key: 'laptop', n: 7 })).toBe('shown');
    expect(verdict(story, 'bob', { key: 'laptop', n: 8, ms: 1 })).toBe('AfterRemoval');
    expect(verdict(story, 'bob', { key: 'phone', n: 1, ms: 1 })).toBe('AfterRemoval');
  });

  it('G-CUT-3 once they are back, a key that was named stays cut and any other counts', () => {
    const story = new Story();
    story.write('ann', found('ann'));
    story.write('ann', add('bob'));
    story.write('ann', remove('bob', { seen: { laptop: 7 } }));
    story.write('ann', add('bob'));
    expect(verdict(story, 'bob', { key: 'laptop', n: 8 })).toBe('AfterRemoval');
    expect(verdict(story, 'bob', { key: 'phone', n: 1 })).toBe('shown');
    story.write('bob', remove('bob', { seen: { laptop: 20, phone: 3 } }));
    expect(verdict(story, 'bob', { key: 'laptop', n: 8 })).toBe('AfterRemoval');
    expect(verdict(story, 'bob', { key: 'phone', n: 3 })).toBe('shown');
  });

  it('G-CUT-4 of two removals at the same time the one that saw less counts', () => {
    const story = new Story();
    story.write('ann', found('ann'));
    story.write('ann', add('bob'));
    const both = story.write('ann', addAdmin('cat'));
    story.write('ann', remove('bob', { seen: { laptop: 7 } }), { after: [both] });
    story.write('cat', remove('bob', { seen: { laptop: 999 } }), { after: [both] });
    expect(verdict(story, 'bob', { key: 'laptop', n: 8 })).toBe('AfterRemoval');
  });

  it('G-WRITE-1 where admins write, members’ records are shown that are older than that, or written as an admin', () => {
    const story = new Story();
    story.write('ann', found('ann'), { ms: 1_000 });
    story.write('ann', add('bob'), { ms: 2_000 });
    story.write('ann', permit({ write: 'admins' }), { ms: 3_000 });
    story.write('ann', role('bob', 'admin'), { ms: 4_000 });
    story.write('ann', role('bob', 'member'), { ms: 5_000 });
    story.write('ann', permit({}), { ms: 6_000 });
    const at = (ms: number) => verdict(story, 'bob', { ms });
    expect([at(1), at(3_000), at(3_500), at(4_500), at(5_500), at(6_500)]).toEqual([
      'shown',
      'shown',
      'MayNotWrite',
      'shown',
      'MayNotWrite',
      'shown',
    ]);
    expect(verdict(story, 'ann', { ms: 3_500 })).toBe('shown');
  });
});
