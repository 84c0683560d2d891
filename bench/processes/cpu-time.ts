/** The CPU time of another process, from Linux's /proc, to the nanosecond and all its threads together. */
import { readFile, readdir } from 'node:fs/promises';

/** Milliseconds since the process began. Threads that have ended are not in it. */
export async function cpuTimeOf(pid: number): Promise<number> {
  const tasks = `/proc/${String(pid)}/task`;
  let nanoseconds = 0;
  for (const task of await readdir(tasks)) {
    const schedstat = await readFile(`${tasks}/${task}/schedstat`, 'utf8');
    nanoseconds += Number(schedstat.split(' ', 1)[0]);
  }
  return nanoseconds / 1e6;
}
