/** What it costs to seal frames and to open them: the CPU time of a browser with a call of two in one page. */
import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MeshRoom, MESHING } from '../../app/e2e/world/mesh.ts';
import { Person } from '../../app/e2e/world/person.ts';
import { cpuTimeOfFamily } from '../processes/family.ts';

const SETTLE_MS = 4_000;
const MEASURE_MS = 8_000;

export interface Cost {
  /** Of all processes of the browser, for each second of one of the four streams. */
  readonly cpu: number;
  /** Pictures decoded each second on each side. */
  readonly pictures: number;
}

/** Sound and a picture each way. Encoding and decoding of both sides, the network and drawing are in it, too. */
export async function costOfCall(origin: string, sealed: boolean): Promise<Cost> {
  const person = await Person.create('Both', origin, MESHING);
  try {
    const room = await MeshRoom.open(person);
    await room.setSize(640, 360);
    for (const name of ['ann', 'bob']) await room.join(name, { sealed });
    await pause(SETTLE_MS);
    const pid = await pidOf(person);
    const pictures = async (): Promise<number> =>
      (await room.look('ann', 'bob')).frames + (await room.look('bob', 'ann')).frames;
    const before = { at: performance.now(), cpu: await cpuTimeOfFamily(pid), pictures: await pictures() };
    await pause(MEASURE_MS);
    const after = { at: performance.now(), cpu: await cpuTimeOfFamily(pid), pictures: await pictures() };
    const seconds = (after.at - before.at) / 1000;
    return {
      cpu: (after.cpu - before.cpu) / seconds / 4,
      pictures: (after.pictures - before.pictures) / seconds / 2,
    };
  } finally {
    await person.destroy();
  }
}

/** The browser's lock on its folder names its main process. */
async function pidOf({ browser }: Person): Promise<number> {
  const lock = await readlink(path.join(browser.folder, 'SingletonLock'));
  return Number(lock.slice(lock.lastIndexOf('-') + 1));
}
