import { expect, it } from 'vitest';
import { describeInCall, describeMember, nameOfMember } from './group-calls.ts';

const member = {
  ...{ me: false, name: 'Ann', state: 'connected' as const },
  media: { microphone: true, camera: false, screen: false },
};

it('says what of a member is on, and which hand it is', () => {
  expect(describeInCall(member, 0)).toBe('Microphone on, Camera off');
  const media = { microphone: false, camera: true, screen: true };
  expect(describeInCall({ ...member, media }, 2)).toBe('Hand raised, number 2, Shares a screen, Muted, Camera on');
});

it('says why nothing comes from a member, meddling before all else', () => {
  expect(describeMember(member)).toBeUndefined();
  expect(describeMember({ ...member, state: 'lost' })).toBe('Reconnecting…');
  expect(describeMember({ ...member, state: 'lost', tampered: true })).toContain('not what their device had announced');
  expect(describeInCall({ ...member, state: 'connecting' }, 0)).toMatch(/^Connecting…, /);
});

it('has a name for everybody', () => {
  expect([nameOfMember(member), nameOfMember({ ...member, me: true }), nameOfMember({ ...member, name: '' })]).toEqual([
    'Ann',
    'You',
    'Somebody',
  ]);
});
