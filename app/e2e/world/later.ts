/**
 * Time that has gone by: browsers and servers are started again and their clocks are ahead. A page's own clock can be moved
 * by a test, a worker's cannot: its script is given one more line on its way. So service workers, whose answers nobody can
 * give another line, have to be blocked (`serviceWorkers: 'block'` of a person).
 */
import type { ServerProcess } from '../../../sync/test/real/server-process.ts';
import type { Person } from './person.ts';

/** Arrives with a browser whose clock can be moved. */
export const MOVABLE = { serviceWorkers: 'block' } as const;

const shift = (millis: number): string => `Date.now = ((now) => () => now() + ${String(millis)})(Date.now.bind(Date));`;

/** Quits the browser and opens it again, `millis` later than it is, at `path`. */
export async function restartLater(person: Person, millis: number, path = '/'): Promise<void> {
  await person.restartBrowser();
  await person.context.addInitScript(shift(millis));
  await person.context.route('**/workers/worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${shift(millis)}\n${await response.text()}` });
  });
  await person.goto(path);
}

/** Starts a server again, `millis` later than it is. */
export async function serveLater(server: ServerProcess, millis: number): Promise<void> {
  const script = encodeURIComponent(shift(millis));
  server.settings = { ...server.settings, NODE_OPTIONS: `--import=data:text/javascript,${script}` };
  await server.kill();
  await server.start();
}
