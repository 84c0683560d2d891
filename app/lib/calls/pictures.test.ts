import { expect, it } from 'vitest';
import { GROUP_CALL_LIMITS } from '@securechat/sync/api';
import { limitsOf, sharedLimits } from './limits.ts';
import { picturesOf } from './pictures.ts';

const member = (deviceId: string, joinedAt: number, on: 'camera' | 'screen' | 'nothing'): Shown => ({
  deviceId,
  joinedAt,
  media: { microphone: true, camera: on === 'camera', screen: on === 'screen' },
});
type Shown = Parameters<typeof picturesOf>[0][number];

it('MESH-3 sends screens before cameras, and then what came first, up to the limit', () => {
  const members = [
    member('a', 1, 'nothing'),
    member('b', 2, 'camera'),
    member('c', 3, 'camera'),
    member('d', 4, 'camera'),
    member('e', 5, 'camera'),
    member('f', 6, 'camera'),
    member('g', 7, 'screen'),
  ];
  expect([...picturesOf(members)]).toEqual(['g', 'b', 'c', 'd']);
  expect(picturesOf(members).size).toBe(GROUP_CALL_LIMITS.pictures);
});

it('MESH-3 comes to the same whatever order the members are in, those who came at one time too', () => {
  const members = ['e', 'd', 'c', 'b', 'a'].map((name) => member(name, 1, 'camera'));
  expect([...picturesOf(members)]).toEqual(['a', 'b', 'c', 'd']);
  expect(picturesOf(members.toReversed())).toEqual(picturesOf(members));
});

it('MESH-4 all others together take what two would, and words on a screen stay as large as they are', () => {
  const limits = limitsOf(false, 'camera');
  for (const others of [0, 1]) expect(sharedLimits(limits, 'camera', others)).toEqual(limits);
  for (const others of [2, 3, 7]) {
    const shared = sharedLimits(limits, 'camera', others);
    expect(shared.video * others).toBeCloseTo(2 * limits.video, -1);
    expect(shared.audio).toBe(limits.audio);
    expect(shared.smaller).toBeGreaterThan(1);
  }
  expect(sharedLimits(limitsOf(false, 'screen'), 'screen', 7).smaller).toBe(1);
  expect(sharedLimits(limitsOf(true, 'camera'), 'camera', 2).smaller).toBe(limitsOf(true, 'camera').smaller);
});
