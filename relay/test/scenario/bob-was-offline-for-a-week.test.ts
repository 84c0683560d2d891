import { expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/index.ts';
import { sqliteDirectory } from '../../src/directory/sqlite.ts';
import { sqliteMailboxes } from '../../src/mailbox/sqlite.ts';
import { openSqlite } from '../../src/sqlite.ts';
import { bytesOf, World } from '../world.ts';

const DAY = 24 * 60 * 60_000;

it('Bob was offline for a week: every message of it, once, in order, though the relay was restarted in between', async () => {
  const db = openSqlite(':memory:');
  const disk = { store: sqliteMailboxes(db, DEFAULT_CONFIG.quota), directory: sqliteDirectory(db) };
  const before = new World(disk);
  const [ann, bob] = [await before.join(), await before.join()];
  const texts: string[] = [];
  let world = before;
  for (let day = 0; day < 7; day++) {
    const fromAnn = await world.connect(ann);
    for (let n = 0; n < 40; n++) {
      texts.push(`day ${String(day)}, message ${String(n)}`);
      fromAnn.post([bob.mailbox], bytesOf(texts.at(-1) ?? ''));
    }
    await world.clock.advance(DAY);
    expect(fromAnn.all('accepted').length).toBe(40);
    await world.relay.close();
    world = new World({ ...disk, clock: world.clock });
  }
  const atBob = await world.connect(bob);
  expect(atBob.all('welcome')[0]?.queued).toBe(280);
  expect(atBob.delivered).toEqual(texts);
  expect(atBob.received.at(-1)).toEqual({ type: 'drained' });
  atBob.ack(...atBob.all('deliver').map((frame) => frame.id));
  await world.clock.advance(5);
  expect(await world.store.usage(bob.mailbox)).toEqual({ count: 0, bytes: 0 });
  await disk.store.end();
});
