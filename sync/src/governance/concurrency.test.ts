/** Acts at the same time: neither author knew of the other's. */
import { ready } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ActId, KnownAct } from '../records/index.ts';
import { Governance } from './governance.ts';
import {
  Story,
  add,
  addAdmin,
  found,
  idOf,
  keyOf,
  newMember,
  permit,
  proofFor,
  remove,
  rename,
  role,
  rolesIn,
  rules,
} from './group.fixture.ts';

beforeAll(ready);

/** Ann founded, Bob, Cat and Dan are admins, in this order. */
function group(): { story: Story; base: ActId[] } {
  const story = new Story();
  story.write('ann', found('ann'));
  for (const name of ['bob', 'cat', 'dan']) story.write('ann', addAdmin(name));
  return { story, base: [...story.state().heads] };
}

const why = (story: Story, id: ActId) => story.state().refused.get(id)?.type;

describe('a removal', () => {
  it('G-APART-1 undoes what the removed did without knowing of it', () => {
    const { story, base } = group();
    const renamed = story.write('bob', rename('Mine'), { after: base });
    const removal = story.write('ann', remove('bob'), { after: base });
    expect(story.state().refused.get(renamed)).toEqual({ type: 'RemovedConcurrently', by: removal });
    expect(story.state().info.name).toBe('Group');
  });

  it('G-APART-1 does so too when others follow both', () => {
    for (const isLast of [true, false]) {
      const { story, base } = group();
      const named = story.write('cat', rename('Cat’s'), { after: base });
      const removal = story.write('ann', remove('bob'), { after: base });
      if (!isLast) story.write('dan', rename('Dan’s'), { after: [named, removal] });
      const renamed = story.write('bob', rename('Mine'), { after: [named] });
      if (isLast) story.write('dan', rename('Dan’s'), { after: [named, removal] });
      expect(why(story, renamed)).toBe('RemovedConcurrently');
    }
  });

  it('G-APART-1 leaves alone what it knew of, and the removed person’s own leaving', () => {
    const { story, base } = group();
    const renamed = story.write('bob', rename('Ours'), { after: base });
    const left = story.write('bob', remove('bob'), { after: [renamed] });
    story.write('ann', remove('bob'), { after: [renamed] });
    expect(story.state().info.name).toBe('Ours');
    expect(why(story, left)).toBeUndefined();
    expect(story.members()).toEqual(['ann', 'cat', 'dan']);
  });

  it('G-APART-1 of somebody who leaves on one device ends what they do on another', () => {
    const { story, base } = group();
    const added = story.write('bob', add('eve'), { after: base });
    story.write('bob', remove('bob'), { after: base });
    expect(why(story, added)).toBe('RemovedConcurrently');
    expect(story.members()).not.toContain('eve');
  });

  it('G-APART-4 brings down whoever the removed added, and what those did', () => {
    const { story, base } = group();
    const friend = story.write('bob', addAdmin('eve'), { after: base });
    const removed = story.write('eve', remove('cat'), { after: [friend] });
    const pal = story.write('eve', add('fay'), { after: [removed] });
    expect(story.members()).toEqual(['ann', 'bob', 'dan', 'eve', 'fay']);
    story.write('ann', remove('bob'), { after: base });
    expect(story.members()).toEqual(['ann', 'cat', 'dan']);
    expect(story.state().refused.get(removed)).toEqual({ type: 'Unfounded', on: friend });
    expect(why(story, pal)).toBe('Unfounded');
  });

  it('G-APART-4 what fell only by an act that fell stands again', () => {
    const { story, base } = group();
    const friend = story.write('bob', addAdmin('eve'), { after: base });
    story.write('eve', remove('cat'), { after: [friend] });
    const renamed = story.write('cat', rename('Cat was here'), { after: base });
    expect(why(story, renamed)).toBe('RemovedConcurrently');
    story.write('ann', remove('bob'), { after: base });
    expect(why(story, renamed)).toBeUndefined();
    expect(story.state().info.name).toBe('Cat was here');
  });

  it('G-APART-4 somebody whom two added stands while one of both does', () => {
    const { story, base } = group();
    const first = story.write('bob', add('eve'), { after: base });
    const second = story.write('cat', add('eve'), { after: base });
    story.write('ann', permit({ info: 'everyone' }), { after: [first, second] });
    const renamed = story.write('eve', rename('Eve’s'));
    story.write('ann', remove('bob'), { after: base });
    expect(why(story, renamed)).toBeUndefined();
    expect(story.state().members.get(idOf('eve'))).toMatchObject({ grant: second, alsoGrantedBy: [] });
  });

  it('G-APART-4 a right by a permission goes with the act that gave it', () => {
    const { story, base } = group();
    story.write('ann', add('eve'), { after: base });
    const open = story.write('bob', permit({ add: 'everyone' }), {});
    const added = story.write('eve', add('fay'), { after: [open] });
    expect(story.members()).toContain('fay');
    story.write('ann', remove('bob'), { after: base });
    expect(story.state().refused.get(added)).toEqual({ type: 'Unfounded', on: open });
  });

  it('G-APART-6 keeps out whom others add at the same time', () => {
    const { story, base } = group();
    const early = story.write('bob', add('eve'), { after: base });
    story.write('bob', remove('eve'), { after: [early] });
    const late = story.write('cat', add('eve'), { after: base });
    expect(why(story, late)).toBeUndefined();
    expect(story.members()).not.toContain('eve');
    story.write('cat', add('eve'));
    expect(story.members()).toContain('eve');
  });

  it('G-APART-6 a ban keeps out whom others add at the same time', () => {
    const { story, base } = group();
    story.write('cat', add('eve', 'fay'), { after: base });
    story.write('ann', remove('eve', { ban: true }), { after: base });
    expect(story.members()).toEqual(['ann', 'bob', 'cat', 'dan', 'fay']);
  });
});

describe('harm', () => {
  it('G-APART-8 that an admin did is undone by a removal that goes after everything else', () => {
    const { story, base } = group();
    const harm = story.write('cat', remove('bob'), { after: base });
    const on = story.write('dan', rename('Dan’s'), { after: [harm] });
    const governance = new Governance(rules);
    governance.add(story.acts);
    expect(governance.state.heads).toEqual([on]);
    story.write('ann', remove('cat'), { after: governance.headsWithout(harm) });
    expect(why(story, harm)).toBe('RemovedConcurrently');
    expect(story.members()).toEqual(['ann', 'bob', 'dan']);
    expect(story.state().info.name).toBe('Dan’s');
  });
});

describe('a demotion', () => {
  it('G-APART-2 undoes what needed the role that it took, and nothing else', () => {
    const { story, base } = group();
    const open = story.write('ann', permit({ info: 'everyone' }), { after: base });
    const removed = story.write('bob', remove('cat'), { after: [open] });
    const renamed = story.write('bob', rename('Fine'), { after: [open] });
    story.write('ann', role('bob', 'member'), { after: [open] });
    expect(why(story, removed)).toBe('DemotedConcurrently');
    expect(why(story, renamed)).toBeUndefined();
    expect(rolesIn(story.state())).toEqual(['ann owner', 'bob member', 'cat admin', 'dan admin']);
  });

  it('G-APART-4 of somebody whose promotion fell nothing is left that needed it', () => {
    const { story, base } = group();
    const eve = story.write('ann', add('eve'), { after: base });
    const promoted = story.write('bob', role('eve', 'admin'), { after: [eve] });
    const removed = story.write('eve', remove('dan'), { after: [promoted] });
    story.write('ann', remove('bob'), { after: [eve] });
    expect(story.state().refused.get(removed)).toEqual({ type: 'Unfounded', on: promoted });
    expect(rolesIn(story.state())).toContain('eve member');
  });
});

describe('an invite', () => {
  const come = (who: string): KnownAct => {
    return { type: 'add', members: [newMember(who, { via: { invite: keyOf('link'), proof: proofFor(who) } })] };
  };
  const withLink = (uses: number) => {
    const { story, base } = group();
    const members = story.write('ann', add('eve', 'fay'), { after: base });
    const open = story.write('bob', { type: 'invite', invite: keyOf('link'), expiresAt: 0, approval: false, uses });
    return { story, members, open };
  };

  it('G-APART-3 that is revoked, or whose maker is removed, lets nobody in at the same time', () => {
    for (const act of [remove('bob'), { type: 'revoke', invite: keyOf('link') } as const]) {
      const { story, open } = withLink(0);
      const added = story.write('eve', come('gus'), { after: [open] });
      expect(story.members()).toContain('gus');
      story.write('ann', act, { after: [open] });
      expect(why(story, added)).toBe('InviteRevoked');
    }
  });

  it('G-APART-4 that falls takes those along who came by it', () => {
    const { story, members, open } = withLink(0);
    const added = story.write('eve', come('gus'), { after: [open] });
    story.write('ann', remove('bob'), { after: [members] });
    expect(why(story, added)).not.toBeUndefined();
    expect(story.members()).not.toContain('gus');
  });

  it('G-APART-7 lets in no more than it may, also through several at the same time: the first in order', () => {
    const { story, open } = withLink(1);
    const first = story.write('eve', come('gus'), { after: [open] });
    const second = story.write('fay', come('hal'), { after: [open] });
    const left = story.write('hal', remove('hal'), { after: [second] });
    expect(why(story, first)).toBeUndefined();
    expect(why(story, second)).toBe('InviteUsedUp');
    expect(story.state().refused.get(left)).toEqual({ type: 'Unfounded', on: second });
    expect(story.state().invites.size).toBe(1);
  });
});

describe('who undo each other', () => {
  it('G-APART-5 of two admins who remove each other the senior stays', () => {
    const { story, base } = group();
    const junior = story.write('cat', remove('bob'), { after: base });
    const senior = story.write('bob', remove('cat'), { after: base });
    expect(story.state().refused.get(junior)).toEqual({ type: 'OutrankedBySenior', by: senior });
    expect(story.members()).toEqual(['ann', 'bob', 'dan']);
  });

  it('G-APART-5 the role counts before the years', () => {
    const { story, base } = group();
    const made = story.write('ann', role('dan', 'owner'), { after: base });
    story.write('ann', remove('dan'), { after: [made] });
    const dan = story.write('dan', role('ann', 'member'), { after: [made] });
    expect(why(story, dan)).toBe('OutrankedBySenior');
    expect(story.members()).toEqual(['ann', 'bob', 'cat']);
  });

  it('G-APART-5 in a circle of three the most senior’s act stands, who attacks it falls', () => {
    const { story, base } = group();
    const bob = story.write('bob', remove('cat'), { after: base });
    const cat = story.write('cat', remove('dan'), { after: base });
    const dan = story.write('dan', remove('bob'), { after: base });
    expect(why(story, bob)).toBeUndefined();
    expect(why(story, cat)).toBe('RemovedConcurrently');
    expect(why(story, dan)).toBe('OutrankedBySenior');
    expect(story.members()).toEqual(['ann', 'bob', 'dan']);
  });

  it('G-APART-5 somebody who only waits for a circle is not saved by being senior', () => {
    const { story, base } = group();
    const renamed = story.write('bob', rename('Bob’s'), { after: base });
    story.write('cat', remove('dan'), { after: base });
    const both = story.write('cat', remove('bob'), { after: base });
    story.write('dan', remove('cat'), { after: base });
    expect(why(story, both)).toBeUndefined();
    expect(why(story, renamed)).toBe('RemovedConcurrently');
    expect(story.members()).toEqual(['ann', 'cat']);
  });

  it('G-APART-5 an owner who removes both ends the quarrel', () => {
    const { story, base } = group();
    story.write('bob', remove('cat'), { after: base });
    story.write('cat', remove('bob'), { after: base });
    story.write('ann', remove('bob'), { after: base });
    expect(story.members()).toEqual(['ann', 'cat', 'dan']);
  });
});
