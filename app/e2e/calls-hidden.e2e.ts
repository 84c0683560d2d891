/** "Whom I call need not know where I am": calls by way of a real TURN server only. Needs coturn, as `relay/test/turn.e2e.ts`. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TurnServer } from '../../relay/test/turn-server.ts';
import {
  answer,
  call,
  CALLING,
  callScreen,
  hangUp,
  noteConnections,
  seesEnd,
  serversAsked,
  talk,
} from './world/calls.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld();
const SECRET = 'a secret that this coturn and this relay share';
let turn: TurnServer;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  turn = await TurnServer.start(SECRET, { carriesInside: true });
  ann = await world().arrive('Ann', CALLING);
  bob = await world().arrive('Bob', CALLING);
  for (const person of [ann, bob]) {
    await noteConnections(person);
    await person.onboard();
  }
  await befriend(ann, bob);
  await ann.goto('/settings');
  await ann.page.getByRole('switch', { name: 'Hide my network address in calls' }).click();
  await ann.openChat('Bob');
});

afterAll(() => turn.stop());

/** Kinds of addresses that this side told the other one, and that are in use at both ends. */
function addresses(page: Page): Promise<{ readonly told: readonly string[]; readonly used: readonly string[] }> {
  return page.evaluate(async () => {
    const all = (globalThis as typeof globalThis & { connections: RTCPeerConnection[] }).connections;
    const connection = all.findLast(({ localDescription }) => localDescription !== null);
    const told = [...(connection?.localDescription?.sdp.matchAll(/ typ (\w+)/g) ?? [])].map(([, type]) => type ?? '');
    const stats = [...((await connection?.getStats()) ?? new Map<string, unknown>()).values()] as Record<
      string,
      unknown
    >[];
    const chosen = stats.find(({ type }) => type === 'transport')?.['selectedCandidatePairId'];
    const pair = stats.find(({ id }) => id === chosen);
    const ends = [pair?.['localCandidateId'], pair?.['remoteCandidateId']];
    const used = ends.map((end) => String(stats.find(({ id }) => id === end)?.['candidateType']));
    return { told: [...new Set(told)], used };
  });
}

it('where there is no relay for calls, no connection comes about, rather than one that shows the address; and it says why', async () => {
  await call(ann, 'Bob', 'Voice');
  await answer(bob, 'Ann');
  await callScreen(ann.page, 'Bob').getByText('No connection came about').last().waitFor();
  await ann.page.getByText('If your network address is hidden, your server needs a relay for calls.').waitFor();
  expect((await addresses(ann.page)).told).toEqual([]);
  await seesEnd(ann, 'Bob', 'No connection came about');
  await seesEnd(bob, 'Ann', 'No connection came about');
});

it('with one, they talk through it, and only its address was told', async () => {
  const { relay } = world();
  relay.settings = {
    ...relay.settings,
    SECURECHAT_TURN_URLS: `turn:127.0.0.1:${String(turn.port)}`,
    SECURECHAT_TURN_SECRET: SECRET,
  };
  await relay.kill();
  await relay.start();
  for (const person of [ann, bob]) {
    // What the engine was told of servers it keeps for a while.
    await person.restartBrowser();
    await noteConnections(person);
    await person.goto('/');
    await person.openChat(person === ann ? 'Bob' : 'Ann');
  }
  await call(ann, 'Bob', 'Video');
  await answer(bob, 'Ann', 'video');
  await talk(ann, bob);
  const { told, used } = await addresses(ann.page);
  expect([told, used[0]]).toEqual([['relay'], 'relay']);
  expect(await serversAsked(ann.page)).toEqual([`turn:127.0.0.1:${String(turn.port)}`]);
  await hangUp(ann);
  await seesEnd(ann, 'Bob', 'Call ended');
});
