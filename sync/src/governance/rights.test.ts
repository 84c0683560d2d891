/** One act against what its author knew. */
import { ready } from '@securechat/crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KnownAct } from '../records/index.ts';
import { foldGroup } from './governance.ts';
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

/** Ann founded, Bob is an admin, Cat and Dan are members. */
function group(): Story {
  const story = new Story();
  story.write('ann', found('ann'));
  story.write('ann', addAdmin('bob'));
  story.write('ann', add('cat', 'dan'));
  return story;
}

/** Why this act does not count after everything; undefined when it does. */
function refusal(story: Story, who: string, act: KnownAct, ms?: number): string | undefined {
  const id = story.write(who, act, ms === undefined ? {} : { ms });
  return story.state().refused.get(id)?.type;
}

describe('roles', () => {
  it('G-RIGHT-1 admins act on admins and members, members on nobody, strangers do nothing', () => {
    const story = group();
    expect(refusal(story, 'cat', remove('dan'))).toBe('NeedsRole');
    expect(refusal(story, 'cat', role('cat', 'admin'))).toBe('NeedsRole');
    expect(refusal(story, 'eve', rename('Mine'))).toBe('NotMember');
    expect(refusal(story, 'bob', role('cat', 'admin'))).toBeUndefined();
    expect(refusal(story, 'cat', role('bob', 'member'))).toBeUndefined();
    expect(refusal(story, 'cat', remove('bob'))).toBeUndefined();
    expect(refusal(story, 'cat', remove('bob'))).toBe('UnknownMember');
    expect(refusal(story, 'cat', role('bob', 'admin'))).toBe('UnknownMember');
    expect(rolesIn(story.state())).toEqual(['ann owner', 'cat admin', 'dan member']);
  });

  it('G-RIGHT-2 only owners make owners and act on them', () => {
    const story = group();
    expect(refusal(story, 'bob', remove('ann'))).toBe('NeedsRole');
    expect(refusal(story, 'bob', role('ann', 'member'))).toBe('NeedsRole');
    expect(refusal(story, 'bob', role('cat', 'owner'))).toBe('NeedsRole');
    expect(refusal(story, 'ann', role('bob', 'owner'))).toBeUndefined();
    expect(refusal(story, 'bob', role('ann', 'member'))).toBeUndefined();
    expect(rolesIn(story.state())).toContain('ann member');
  });

  it('G-RIGHT-3 what members may do is what the permissions say; only admins change those', () => {
    const pin: KnownAct = { type: 'pin', target: 'A'.repeat(24), pinned: true };
    const invite: KnownAct = { type: 'invite', invite: keyOf('link'), expiresAt: 0, approval: false, uses: 0 };
    const acts = [rename('New'), pin, { type: 'timer', seconds: 60 } as const, add('eve'), invite];
    const closed = group();
    for (const act of [...acts, permit({})]) expect(refusal(closed, 'cat', act), act.type).toBe('NeedsRole');
    const open = group();
    open.write('bob', permit({ add: 'everyone', info: 'everyone', pin: 'everyone' }));
    for (const act of acts) expect(refusal(open, 'cat', act), act.type).toBeUndefined();
    expect(refusal(open, 'cat', addAdmin('fay'))).toBe('NeedsRole');
    const { info, timer, pins, invites } = open.state();
    expect([info.name, timer, pins.size, invites.size]).toEqual(['New', 60, 1, 1]);
  });

  it('G-RIGHT-4 everybody may leave', () => {
    const story = group();
    expect(refusal(story, 'cat', remove('cat'))).toBeUndefined();
    expect(refusal(story, 'cat', remove('cat'))).toBe('NotMember');
    expect(story.members()).toEqual(['ann', 'bob', 'dan']);
  });
});

describe('who comes in', () => {
  it('G-RIGHT-5 nobody who is there or banned is added, not even along with others', () => {
    const story = group();
    expect(refusal(story, 'bob', add('eve', 'cat'))).toBe('AlreadyMember');
    story.write('bob', remove('dan', { ban: true }));
    story.write('bob', remove('fay', { ban: true }));
    expect(refusal(story, 'ann', add('eve', 'dan'))).toBe('Banned');
    expect(refusal(story, 'ann', add('fay'))).toBe('Banned');
    expect(refusal(story, 'cat', { type: 'unban', account: idOf('dan') })).toBe('NeedsRole');
    expect(refusal(story, 'bob', { type: 'unban', account: idOf('dan') })).toBeUndefined();
    expect(refusal(story, 'bob', { type: 'unban', account: idOf('dan') })).toBe('NotBanned');
    expect(refusal(story, 'bob', { type: 'unban', account: idOf('fay') })).toBeUndefined();
    expect(story.state().former.has(idOf('fay'))).toBe(false);
    expect(refusal(story, 'bob', add('dan', 'eve'))).toBeUndefined();
    expect(story.members()).toEqual(['ann', 'bob', 'cat', 'dan', 'eve']);
  });

  it('G-RIGHT-6 by an invite any member lets in whoever proves to have it, while it is open', () => {
    const story = group();
    const link = (name: string, uses = 0, expiresAt = 0, approval = false): KnownAct => {
      return { type: 'invite', invite: keyOf(name), expiresAt, approval, uses };
    };
    const come = (who: string, name: string, proof = who): KnownAct => {
      return { type: 'add', members: [newMember(who, { via: { invite: keyOf(name), proof: proofFor(proof) } })] };
    };
    expect(refusal(story, 'cat', come('eve', 'one'))).toBe('InviteUnknown');
    story.write('bob', link('one', 1));
    expect(refusal(story, 'bob', link('one'))).toBe('InviteKnown');
    expect(refusal(story, 'cat', come('eve', 'one', 'fay'))).toBe('BadInviteProof');
    expect(refusal(story, 'cat', come('eve', 'one'))).toBeUndefined();
    expect(refusal(story, 'cat', come('fay', 'one'))).toBe('InviteUsedUp');
    story.write('bob', link('short', 0, 1_000));
    expect(refusal(story, 'cat', come('fay', 'short'))).toBe('InviteExpired');
    story.write('bob', link('closed'));
    expect(refusal(story, 'cat', { type: 'revoke', invite: keyOf('closed') })).toBe('NeedsRole');
    expect(refusal(story, 'ann', { type: 'revoke', invite: keyOf('closed') })).toBeUndefined();
    expect(refusal(story, 'cat', come('fay', 'closed'))).toBe('InviteRevoked');
    expect(refusal(story, 'ann', { type: 'revoke', invite: keyOf('none') })).toBe('InviteUnknown');
    story.write('bob', link('asks', 0, 0, true));
    expect(refusal(story, 'cat', come('fay', 'asks'))).toBe('NeedsRole');
    expect(story.members()).toEqual(['ann', 'bob', 'cat', 'dan', 'eve']);
  });

  it('G-RIGHT-6 the invites of somebody who is gone are closed, and stay so', () => {
    const story = group();
    story.write('bob', { type: 'invite', invite: keyOf('link'), expiresAt: 0, approval: false, uses: 0 });
    story.write('ann', remove('bob'));
    story.write('ann', addAdmin('bob'));
    const via = { invite: keyOf('link'), proof: proofFor('eve') };
    expect(refusal(story, 'cat', { type: 'add', members: [newMember('eve', { via })] })).toBe('InviteRevoked');
  });

  it('G-RIGHT-7 who came by a link waits until somebody who may add lets them in, late or not, or declines', () => {
    const story = group();
    const until = story.acts.reduce((last, { time }) => Math.max(last, time.ms), 0) + 5_500;
    story.write('bob', { type: 'invite', invite: keyOf('link'), expiresAt: until, approval: true, uses: 0 });
    const ask = (who: string, proof = who): KnownAct => {
      const via = { invite: keyOf('link'), proof: proofFor(proof) };
      return { type: 'request', accountKey: keyOf(who), relayUrl: 'https://relay.example', via };
    };
    expect(refusal(story, 'cat', ask('eve', 'cat'))).toBe('BadInviteProof');
    expect(refusal(story, 'cat', ask('dan'))).toBe('AlreadyMember');
    expect(refusal(story, 'cat', ask('eve'))).toBeUndefined();
    expect(refusal(story, 'dan', ask('fay'))).toBeUndefined();
    expect([...story.state().requests.keys()].sort()).toEqual([idOf('eve'), idOf('fay')].sort());
    expect(refusal(story, 'cat', { type: 'decline', account: idOf('fay') })).toBe('NeedsRole');
    expect(refusal(story, 'bob', { type: 'decline', account: idOf('fay') })).toBeUndefined();
    expect(refusal(story, 'bob', { type: 'decline', account: idOf('fay') })).toBe('RequestUnknown');
    expect(refusal(story, 'cat', ask('gus'))).toBe('InviteExpired');
    const via = { invite: keyOf('link'), proof: proofFor('eve') };
    expect(refusal(story, 'bob', { type: 'add', members: [newMember('eve', { via })] })).toBeUndefined();
    expect(story.members()).toContain('eve');
    expect(story.state().requests.size).toBe(0);
  });
});

describe('what is set', () => {
  it('G-EFFECT-1 name, description and picture change one by one, and an empty one is none', () => {
    const story = group();
    const avatar = { type: 'image/webp', bytes: Uint8Array.of(1) };
    story.write('ann', { type: 'info', description: 'We', avatar });
    story.write('ann', rename('Us'));
    expect(story.state().info).toEqual({ name: 'Us', description: 'We', avatar });
    story.write('ann', { type: 'info', description: '', avatar: { type: '', bytes: new Uint8Array() } });
    expect(story.state().info).toEqual({ name: 'Us', description: '' });
  });

  it('G-EFFECT-2 a pin is there until it is taken away', () => {
    const story = group();
    const pin = (pinned: boolean): KnownAct => ({ type: 'pin', target: 'A'.repeat(24), pinned });
    const by = story.write('bob', pin(true));
    expect(story.state().pins.get('A'.repeat(24))?.by).toBe(by);
    story.write('ann', pin(false));
    expect(story.state().pins.size).toBe(0);
  });

  it('G-EFFECT-3 an act of a newer version changes nothing, and what follows it counts', () => {
    const story = group();
    const unknown = story.write('cat', { type: 'unknown', tag: 200, bytes: Uint8Array.of(1, 2) });
    expect(story.state().refused.has(unknown)).toBe(false);
    expect(story.state().heads).toEqual([unknown]);
    story.write('ann', rename('After'));
    expect(foldGroup(story.acts, rules).info.name).toBe('After');
  });
});
