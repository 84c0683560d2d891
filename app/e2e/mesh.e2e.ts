/** The connections of a call of a group by themselves: several devices in one page, with sealed frames between them. */
import { beforeAll, expect, it } from 'vitest';
import { MeshRoom, MESHING } from './world/mesh.ts';
import { useWorld } from './world/world.ts';

const world = useWorld();
const PATIENCE = { timeout: 30_000 };
let room: MeshRoom;

beforeAll(async () => {
  room = await MeshRoom.open(await world().arrive('All', MESHING));
});

/** Pictures are decoded and sound is heard. */
async function perceives(who: string, whom: string): Promise<void> {
  const before = (await room.look(who, whom)).frames;
  await expect.poll(async () => (await room.look(who, whom)).frames, PATIENCE).toBeGreaterThan(before + 5);
  await expect.poll(async () => (await room.look(who, whom)).level, PATIENCE).toBeGreaterThan(0.01);
}

/** Sound comes, and nothing of it is heard; no picture is decoded. */
async function perceivesNothing(who: string, whom: string): Promise<void> {
  await expect.poll(async () => (await room.look(who, whom)).level, PATIENCE).toBeLessThan(0.001);
  const before = await room.look(who, whom);
  await expect.poll(async () => (await room.look(who, whom)).sounds, PATIENCE).toBeGreaterThan(before.sounds + 50);
  const after = await room.look(who, whom);
  expect([after.frames, after.level < 0.001]).toEqual([before.frames, true]);
}

async function allPerceive(...names: readonly string[]): Promise<void> {
  for (const who of names) for (const whom of names) if (who !== whom) await perceives(who, whom);
}

it('MESH-1 FRAME-1 everybody hears and sees everybody, also who comes later', async () => {
  await room.join('ann');
  await room.join('bob');
  await allPerceive('ann', 'bob');
  await room.join('cid');
  await allPerceive('ann', 'bob', 'cid');
});

it('FRAME-6 keys change while it is on, and everything goes on', async () => {
  for (let i = 0; i < 3; i++) {
    await room.changeKeys();
    await allPerceive('ann', 'bob', 'cid');
  }
});

it('FRAME-6 who is not told the new keys of somebody perceives nothing of them, though it comes in, until they are told', async () => {
  await room.withhold('cid', 'ann', true);
  await room.changeKeys();
  await perceivesNothing('cid', 'ann');
  await perceives('bob', 'ann');
  await perceives('cid', 'bob');
  await room.withhold('cid', 'ann', false);
  await room.changeKeys();
  await allPerceive('ann', 'bob', 'cid');
});

it('MESH-1 somebody leaves, and the others go on; who comes back is connected anew', async () => {
  await room.leave('bob');
  await expect.poll(async () => (await room.look('ann', 'bob')).state).toBe('none');
  await allPerceive('ann', 'cid');
  await room.join('bob');
  await allPerceive('ann', 'bob', 'cid');
});

it('MESH-2 a connection that broke is made anew, and its frames are sealed again', async () => {
  await room.cut('bob', 'ann');
  await expect.poll(async () => (await room.look('ann', 'bob')).state, PATIENCE).not.toBe('connected');
  await expect.poll(async () => (await room.look('ann', 'bob')).state, PATIENCE).toBe('connected');
  await allPerceive('ann', 'bob', 'cid');
});

it('FRAME-5 a track that nobody expects is not played', async () => {
  // Who offers is the one that may add tracks.
  await room.join('abe', { twice: true });
  await perceives('ann', 'abe');
  expect(await room.tracks('ann', 'abe')).toEqual({ came: 3, played: 2 });
  await room.leave('abe');
});

it('FRAME-5 what somebody sends without sealing it is not played', async () => {
  await room.leave('cid');
  await room.join('eve', { sealed: false });
  await expect.poll(async () => (await room.look('ann', 'eve')).state, PATIENCE).toBe('connected');
  await perceivesNothing('ann', 'eve');
  await allPerceive('ann', 'bob');
});
