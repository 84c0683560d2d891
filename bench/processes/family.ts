/** A process with all that it started, and what those started, from Linux's /proc: a browser is some ten of them. */
import { readdir, readFile } from 'node:fs/promises';
import { cpuTimeOf } from './cpu-time.ts';

/** Milliseconds of CPU time of all of them that are there now. */
export async function cpuTimeOfFamily(pid: number): Promise<number> {
  const times = await Promise.all((await familyOf(pid)).map((member) => cpuTimeOf(member).catch(() => 0)));
  return times.reduce((sum, time) => sum + time, 0);
}

async function familyOf(pid: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    const parent = /^\d+$/.test(name) ? await parentOf(name) : undefined;
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const family = [pid];
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

/** Undefined: it has ended meanwhile. */
async function parentOf(pid: string): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may have anything in it.
  const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? undefined : Number(parent);
}
