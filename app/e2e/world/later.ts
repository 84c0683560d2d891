/**
 * Time that has gone by: browsers and servers are started again, and their clocks are ahead. A page's own clock can be moved by a
 * test, a worker's cannot: the app that is served later has one more line in its worker. So nothing may keep the app of before:
 * service workers have to be blocked (`serviceWorkers: 'block'` of a person), and the browser's cache is emptied.
 */
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { webApp } from './web-app.ts';
import type { Person } from './person.ts';
import type { World } from './world.ts';

/** Arrives with a browser for which it can be later. */
export const MOVABLE = { serviceWorkers: 'block' } as const;

/** Starts the servers again, `millis` later than it is, with the app for then. Returns what deletes that app. */
export async function serveLater({ relay, storage }: World, millis: number): Promise<() => Promise<void>> {
  const folder = await laterApp(millis);
  const clock = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift(millis))}` };
  storage.settings = { ...storage.settings, ...clock };
  relay.settings = { ...relay.settings, ...clock, SECURECHAT_WEB_ROOT: folder };
  for (const server of [relay, storage]) {
    await server.kill();
    await server.start();
  }
  return () => rm(folder, { recursive: true, force: true });
}

/** Quits the browser and opens it again, `millis` later than it is; nothing is open yet. */
export async function restartLater(person: Person, millis: number): Promise<void> {
  await person.restartBrowser();
  await person.context.addInitScript(shift(millis));
  const session = await person.context.newCDPSession(person.page);
  await session.send('Network.clearBrowserCache');
  await session.detach();
}

function shift(millis: number): string {
  return `Date.now = ((now) => () => now() + ${String(millis)})(Date.now.bind(Date));`;
}

/** A copy of the built app in which the engine's worker has its clock ahead. */
async function laterApp(millis: number): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'securechat-later-'));
  await cp(await webApp(), folder, { recursive: true });
  const workers = path.join(folder, '_app/immutable/workers');
  for (const name of await readdir(workers)) {
    if (!name.startsWith('worker-')) continue;
    const file = path.join(workers, name);
    // Compressed twins would be served instead.
    if (name.endsWith('.js')) await writeFile(file, `${shift(millis)}\n${await readFile(file, 'utf8')}`);
    else await rm(file);
  }
  return folder;
}
