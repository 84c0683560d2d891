/** A made account in a person's browser, and what a browser has stored taken out again. */
import { carryIn, carryOut } from './carry.ts';
import { ask, lookUntil } from './inside.ts';
import { PASSPHRASE, type Stored } from '../../../sync/test/real/made-account.ts';
import type { Person } from './person.ts';

/** Of the app's origin, but not the app. */
const ELSEWHERE = '/boot.css';

/** Moves a made account in; afterwards it has no passphrase, and is online. */
export async function settle(person: Person, stored: Stored): Promise<void> {
  await person.goto(ELSEWHERE);
  await carryIn(stored, person.page);
  await unlock(person);
  await lookUntil(
    person.page,
    'connection',
    null,
    ({ state, draining }) => state === 'online' && draining === undefined,
  );
}

/**
 * Copies of what devices have stored, under the passphrase of made accounts. The app is closed on all of them while they are
 * copied, or one would go on where the other stopped.
 */
export async function copiesOf<const P extends readonly Person[]>(...people: P): Promise<{ [K in keyof P]: Stored }> {
  for (const { page } of people) await ask(page, 'setPassphrase', { next: PASSPHRASE });
  await Promise.all(people.map((person) => person.goto(ELSEWHERE)));
  const copies: Stored[] = [];
  for (const { page } of people) copies.push(await carryOut(page));
  for (const person of people) await unlock(person);
  return copies as { [K in keyof P]: Stored };
}

async function unlock(person: Person): Promise<void> {
  person.faults.forgive(/404/); // the browser looked for the icon of a page that has none
  await person.goto('/');
  await person.page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  await person.page.keyboard.press('Enter');
  await person.chatList.waitFor();
  await ask(person.page, 'setPassphrase', { current: PASSPHRASE });
}
