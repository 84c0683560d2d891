/** All stories there are, by name, and how one seed of one is played. */
import { playCalls } from './calls.ts';
import { playDevices } from './devices.ts';
import { playDirect } from './direct.ts';
import type { Game, Scenario } from './game.ts';
import { playGroups } from './groups.ts';
import { prepare } from './setup.ts';
import { playStatuses } from './statuses.ts';

const STORIES: Readonly<Record<Scenario, (seed: number) => Promise<readonly string[]>>> = {
  direct: playDirect,
  devices: playDevices,
  groups: playGroups,
  status: playStatuses,
  calls: playCalls,
};

/** Answers what went wrong, nothing when all promises held. */
export async function play({ scenario, seed }: Game): Promise<readonly string[]> {
  await prepare();
  return STORIES[scenario](seed).catch((error: unknown) => [
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  ]);
}
