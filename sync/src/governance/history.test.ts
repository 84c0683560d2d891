/** What is in whose past, and what is left when people go. */
import { ready } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ActId } from '../records/index.ts';
import { Governance, rosterAt } from './governance.ts';
import {
  NONCE,
  Story,
  add,
  addAdmin,
  found,
  idOf,
  keyOf,
  newMember,
  remove,
  rename,
  role,
  rolesIn,
  rules,
} from './group.fixture.ts';

beforeAll(ready);

describe('the past', () => {
  it('G-PAST-1 an act counts once all that it follows is here', () => {
    const story = new Story();
    story.write('ann', found('ann'));
    const second = story.write('ann', addAdmin('bob'));
    const third = story.write('bob', add('cat'));
    const governance = new Governance(rules);
    governance.add(story.acts.filter(({ id }) => id !== second));
    expect([...governance.state.pending]).toEqual([[third, [second]]]);
    expect(rolesIn(governance.state)).toEqual(['ann owner']);
    governance.add(story.acts);
    expect(governance.state.pending.size).toBe(0);
    expect(rolesIn(governance.state)).toEqual(['ann owner', 'bob admin', 'cat member']);
  });

  it('G-PAST-2 a founding is the founder’s, of this chat; what follows another counts for nothing', () => {
    const story = new Story();
    const other = story.write('ann', { type: 'found', founderKey: keyOf('ann'), nonce: new Uint8Array(16), name: 'X' });
    const stolen = story.write('eve', { type: 'found', founderKey: keyOf('ann'), nonce: NONCE, name: 'Eve’s' });
    const after = story.write('ann', rename('Y'), { after: [other, stolen] });
    const refused = story.state().refused;
    expect([other, stolen, after].map((id) => refused.get(id)?.type)).toEqual([
      'WrongChat',
      'NotFounder',
      'NoFounding',
    ]);
    expect(story.state()).toMatchObject({ founder: undefined, heads: [] });
    story.write('ann', found('ann'));
    expect(rolesIn(story.state())).toEqual(['ann owner']);
  });

  it('G-PAST-3 a second founding founds nothing, and does not bring a founder back who was removed', () => {
    const story = new Story();
    const first = story.write('ann', found('ann', 'One'));
    const owner = story.write('ann', { type: 'add', members: [newMember('bob', { role: 'admin' })] });
    const second = story.write('ann', found('ann', 'Two'));
    const branch = story.write('ann', add('cat'), { after: [second] });
    expect(story.state().refused.get(second)?.type).toBe('SecondFounding');
    expect(story.state().info.name).toBe('One');
    expect(story.members()).toEqual(['ann', 'bob', 'cat']);
    const made = story.write('ann', role('bob', 'owner'), { after: [owner] });
    story.write('bob', remove('ann'), { after: [made] });
    expect(story.state().refused.get(branch)?.type).toBe('RemovedConcurrently');
    expect(rolesIn(story.state())).toEqual(['bob owner']);
    expect(story.state().refused.has(first)).toBe(false);
  });

  it('G-PAST-4 a time that lies moves no act before what it follows', () => {
    const story = new Story();
    story.write('ann', found('ann'));
    const bob = story.write('ann', addAdmin('bob'));
    story.write('ann', remove('bob'), { after: [bob] });
    const late = story.write('bob', add('eve'), { ms: 1 });
    expect(story.state().refused.get(late)?.type).toBe('NotMember');
    const early = story.write('ann', rename('New'), { ms: 2 });
    story.write('ann', rename('Newer'), { after: [early], ms: 1 });
    expect(story.state().info.name).toBe('Newer');
  });

  it('G-PAST-4 what does not count stands in nobody’s way', () => {
    const story = new Story();
    const first = story.write('ann', found('ann'));
    const refused = story.write('eve', rename('Eve’s'));
    expect(story.state().heads).toEqual([first]);
    const on = story.write('ann', rename('Ours'), { after: [refused] });
    expect(story.state().heads).toEqual([on]);
    expect(story.state().info.name).toBe('Ours');
  });

  it('G-PAST-5 two acts under one counter are two acts', () => {
    const story = new Story();
    const first = story.write('ann', found('ann'));
    story.write('ann', add('bob'), { after: [first], n: 2 });
    story.write('ann', add('cat'), { after: [first], n: 2 });
    expect(story.members()).toEqual(['ann', 'bob', 'cat']);
    expect(story.state().heads).toHaveLength(2);
  });

  it('G-PAST-6 the heads that stand come before those of somebody removed', () => {
    const story = new Story();
    const first = story.write('ann', found('ann'));
    const bob = story.write('ann', addAdmin('bob'), { after: [first] });
    const removal = story.write('ann', remove('bob'), { after: [bob] });
    for (let i = 0; i < 40; i += 1) story.write('bob', rename(`Bob’s ${String(i)}`), { after: [bob] });
    expect(story.state().heads).toHaveLength(41);
    expect(story.state().heads[0]).toBe(removal);
  });
});

describe('the order', () => {
  it('G-ORDER-1 of two names given at the same time the later one is on all devices', () => {
    const story = new Story();
    const first = story.write('ann', found('ann'));
    const bob = story.write('ann', addAdmin('bob'), { after: [first] });
    story.write('bob', rename('Bob’s'), { after: [bob], ms: 2_000_000_000_000 });
    story.write('ann', rename('Ann’s'), { after: [bob] });
    expect(story.state().info.name).toBe('Bob’s');
  });
});

describe('owners', () => {
  it('G-OWNER-1 when the last one leaves the most senior of those who are left is owner', () => {
    const story = new Story();
    story.write('ann', found('ann'));
    story.write('ann', add('bob'));
    story.write('ann', addAdmin('cat'));
    story.write('ann', addAdmin('dan'));
    story.write('ann', remove('ann'));
    expect(rolesIn(story.state())).toEqual(['bob member', 'cat owner', 'dan admin']);
    story.write('cat', remove('cat'));
    story.write('dan', role('dan', 'member'));
    expect(rolesIn(story.state())).toEqual(['bob owner', 'dan member']);
    story.write('bob', remove('bob'));
    story.write('dan', remove('dan'));
    expect(story.members()).toEqual([]);
  });

  it('G-OWNER-1 two owners who leave at the same time leave one behind', () => {
    const story = new Story();
    story.write('ann', found('ann'));
    story.write('ann', add('bob', 'cat'));
    const made = story.write('ann', role('bob', 'owner'));
    story.write('ann', remove('ann'), { after: [made] });
    story.write('bob', remove('bob'), { after: [made] });
    expect(rolesIn(story.state())).toEqual(['cat owner']);
  });
});

describe('looking back', () => {
  const story = () => {
    const made = new Story();
    const acts: ActId[] = [made.write('ann', found('ann'), { ms: 1_000 })];
    acts.push(made.write('ann', addAdmin('bob'), { ms: 2_000 }));
    made.write('ann', add('eve'), { ms: 2_500 });
    acts.push(made.write('bob', addAdmin('cat'), { ms: 3_000 }));
    acts.push(made.write('cat', add('dan'), { ms: 4_000 }));
    made.write('ann', remove('bob'), { ms: 5_000 });
    return { made, acts };
  };

  it('G-WHY-1 a member is there by a chain of acts that ends at the founding', () => {
    const { made, acts } = story();
    const governance = new Governance(rules);
    governance.add(made.acts);
    expect(governance.whyHere(idOf('dan'))).toEqual(acts);
    expect(governance.whyHere(idOf('ann'))).toEqual(acts.slice(0, 1));
    expect(governance.whyHere(idOf('bob'))).toEqual([]);
  });

  it('G-WHY-2 who was there at a time is what the acts up to then make', () => {
    const { made } = story();
    expect(rolesIn(rosterAt(made.acts, 3_000, rules))).toEqual(['ann owner', 'bob admin', 'cat admin', 'eve member']);
    expect(rolesIn(rosterAt(made.acts, 999, rules))).toEqual([]);
  });
});

describe('cost', () => {
  it('G-COST-1 twice the members and acts cost about twice as much, up to a thousand and three thousand', () => {
    const [half, whole] = [looksOf(500), looksOf(1_000)];
    expect(half).toBeGreaterThan(1_000);
    expect(whole / half).toBeLessThan(2.5);
  });
});

/** How often a group of so many looks at its acts. */
function looksOf(members: number): number {
  let looks = 0;
  const counted = longStory(members).map(({ body, ...act }) => ({
    ...act,
    get body() {
      looks += 1;
      return body;
    },
  }));
  const governance = new Governance(rules);
  governance.add(counted);
  expect(governance.state.members.size).toBe(members);
  return looks;
}

/** Adds one by one, with something else after each, and now and then two at the same time. */
function longStory(members: number) {
  const story = new Story();
  let heads = [story.write('ann', found('ann'))];
  for (let at = 1; at < members; at += 1) {
    const added = story.write('ann', add(`member ${String(at)}`), { after: heads });
    const renamed = story.write('ann', rename(`Name ${String(at)}`), { after: [added] });
    const other = story.write('ann', role(`member ${String(at)}`, 'admin'), {
      after: at % 10 === 0 ? [added] : [renamed],
    });
    heads = at % 10 === 0 ? [renamed, other] : [other];
  }
  return story.acts;
}
