import { expect, it } from 'vitest';
import { GROUP_CALL_LIMITS } from '@securechat/sync/api';
import { limitsOf, sharedLimits } from './limits.ts';
import { picturesOf } from './pictures.ts';

type Shown = Parameters<typeof picturesOf>[0][number];

const member = (deviceId: string, on: 'camera' | 'screen' | 'nothing'): Shown => ({
  deviceId,
  media: { microphone: true, camera: on === 'camera', screen: on === 'screen' },
});

it('MESH-3 sends screens before cameras, up to the limit, whatever order the members are in', () => {
  const cameras = ['b', 'c', 'd', 'e', 'f'].map((name) => member(name, 'camera'));
  const members = [member('a', 'nothing'), ...cameras, member('g', 'screen')];
  expect([...picturesOf(members)]).toEqual(['g', 'b', 'c', 'd']);
  expect([...picturesOf(members.toReversed())]).toEqual(['g', 'b', 'c', 'd']);
  expect(picturesOf(members).size).toBe(GROUP_CALL_LIMITS.pictures);
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
