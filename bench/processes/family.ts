/** A process with all that it started, and what those started, from Linux's /proc: a browser is some ten of them. */
import { readdir, readFile } from 'node:fs/promises';
import { cpuTimeOf } from './cpu-time.ts';

/** Milliseconds of CPU time of all of them that are there now. */
export async function cpuTimeOfFamily(pid: number): Promise<number> {
  const times = await Promise.all((await familyOf(pid)).map((member) => cpuTimeOf(member).catch(() => 0)));
  return times.reduce((sum, time) => sum + time, 0);
}

/** Pages of memory that they got from the system so far ("minor faults"). */
export async function newPagesOfFamily(pid: number): Promise<number> {
  const pages = await Promise.all((await familyOf(pid)).map(async (member) => Number((await statOf(member))[7] ?? 0)));
  return pages.reduce((sum, count) => sum + count, 0);
}

async function familyOf(pid: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    const [, parent] = /^\d+$/.test(name) ? await statOf(Number(name)) : [];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const family = [pid];
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

/** From the state on, as in proc(5); empty when it has ended meanwhile. */
async function statOf(pid: number): Promise<readonly string[]> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may have anything in it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
