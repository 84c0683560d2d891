/** Three people in a group: one is mentioned although they muted it, and all of them vote. */
import { beforeAll, expect, it } from 'vitest';
import { found, member } from './world/groups.ts';
import { gainsFocus } from './world/keyboard.ts';
import { declineInstall, look, violations } from './world/looks.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld();
const GROUP = 'Climbing';

let ann: Person;
let bob: Person;
let cleo: Person;

beforeAll(async () => {
  [ann, bob, cleo] = await world().residents('Ann', 'Bob Okafor', 'Cleo');
  await declineInstall(ann.context);
  for (const other of [bob, cleo]) await befriend(ann, other);
  await found(ann, GROUP, ['Bob Okafor', 'Cleo']);
  for (const person of [bob, cleo]) await person.openChat(GROUP);
});

const options = ({ page }: Person) => page.getByRole('listbox', { name: 'Members to mention' }).getByRole('option');
const choice = (person: Person, name: string) => person.messages.getByRole('radio', { name });

it('a member is chosen by keys while one writes, and the mention goes along with the text', async () => {
  const { keyboard } = ann.page;
  await ann.box.focus();
  await keyboard.type('Tea from @');
  await options(ann).nth(1).waitFor();
  expect(await options(ann).allInnerTexts()).toEqual([expect.stringContaining('Bob'), expect.stringContaining('Cleo')]);
  await look(ann.page, 'mention-list');
  await keyboard.press('Escape');
  await options(ann).first().waitFor({ state: 'detached' });
  await keyboard.press('Backspace');
  await keyboard.type('@');
  await keyboard.press('ArrowDown');
  await keyboard.press('Tab');
  await gainsFocus(ann.box);
  await keyboard.type('and the rope from @okaf');
  await options(ann).getByText('Bob Okafor').click();
  await gainsFocus(ann.box);
  expect(await ann.box.inputValue()).toBe('Tea from @Cleo and the rope from @Bob Okafor ');
  await keyboard.press('Home');
  await keyboard.type('So: ');
  await keyboard.press('Enter');
  const said = cleo.message('So: Tea from');
  await said.waitFor();
  expect(await said.getByRole('link').allInnerTexts()).toEqual(['@Cleo', '@Bob Okafor']);
});

it('a click on a mention shows who is meant', async () => {
  await cleo.message('So: Tea from').getByRole('link', { name: '@Bob Okafor' }).click();
  await cleo.page.getByRole('heading', { name: 'Group info' }).waitFor();
  await gainsFocus(member(cleo, 'Bob Okafor').getByRole('button'));
});

it('who muted a group is told of a mention all the same, and of nothing else', async () => {
  await bob.context.grantPermissions(['notifications']);
  await bob.chat(GROUP).click({ button: 'right' });
  await bob.page.getByRole('menuitem', { name: 'Mute' }).click();
  await bob.chat(GROUP).getByRole('img', { name: 'Muted' }).waitFor();
  await bob.goto('/settings');
  const wanted = bob.page.getByRole('switch', { name: 'Notifications' });
  await wanted.waitFor();
  if ((await wanted.getAttribute('aria-checked')) !== 'true') await wanted.click();
  // A tab that nobody looks at.
  await bob.page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
  });
  await ann.send('Nothing for Bob');
  await bob.chat(GROUP).getByRole('img', { name: '1 unread', exact: true }).waitFor();
  expect(await bob.chat(GROUP).getByRole('img', { name: 'You are mentioned' }).count()).toBe(0);
  expect(await notifications(bob)).toEqual([]);
  await ann.box.pressSequentially('Are you in, @bob');
  await options(ann).first().waitFor();
  await ann.page.keyboard.press('Enter');
  await ann.page.keyboard.press('Enter');
  await bob.chat(GROUP).getByRole('img', { name: 'You are mentioned' }).waitFor();
  await expect.poll(() => notifications(bob)).toEqual(['Ann: Are you in, @Bob Okafor']);
  await look(bob.page, 'mention-badge');
  await bob.goto('/');
  await bob.openChat(GROUP);
  await bob.chat(GROUP).getByRole('img', { name: 'You are mentioned' }).waitFor({ state: 'detached' });
});

it('a poll is asked for, and votes of all three add up, also one that was cast offline', async () => {
  const { page } = ann;
  await page.getByRole('button', { name: 'Attach' }).click();
  await page.getByRole('menuitem', { name: 'Poll' }).click();
  await gainsFocus(page.getByLabel('Question'));
  await page.keyboard.type('Where do we climb on Saturday?');
  await page.keyboard.press('Tab');
  for (const place of ['The usual wall', 'Outside, if it is dry', 'Nowhere']) {
    await page.keyboard.type(place);
    await page.keyboard.press('Enter');
  }
  await look(page, 'new-poll');
  await page.getByRole('button', { name: 'Create poll' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await ann.chat(GROUP).getByText('Poll: Where do we climb').waitFor();
  await choice(ann, 'The usual wall').click();
  await bob.messages.getByRole('radiogroup', { name: 'Where do we climb on Saturday?' }).waitFor();
  await bob.context.setOffline(true);
  await choice(bob, 'Outside').click();
  await choice(bob, 'Outside, if it is dry, 1 vote').and(bob.page.locator('[aria-checked=true]')).waitFor();
  await bob.context.setOffline(false);
  await cleo.goto('/');
  await cleo.openChat(GROUP);
  await choice(cleo, 'Nowhere').click();
  await choice(cleo, 'Outside').click();
  for (const person of [ann, bob, cleo]) {
    await choice(person, 'The usual wall, 1 vote').waitFor();
    await choice(person, 'Outside, if it is dry, 2 votes').waitFor();
    await choice(person, 'Nowhere, 0 votes').waitFor();
  }
  await look(page, 'poll');
  await cleo.message('Where do we climb').getByRole('button', { name: 'Show votes' }).click();
  const votes = cleo.page.getByRole('dialog', { name: 'Votes', exact: true });
  const outside = votes.getByRole('region', { name: 'Outside' }).getByRole('listitem');
  expect(await outside.allInnerTexts()).toEqual(['You', 'Bob Okafor']);
  expect(await violations(cleo.page)).toEqual([]);
  await cleo.page.keyboard.press('Escape');
});

it('its author closes it, and nobody can vote any more', async () => {
  await ann.choose('Where do we climb', 'Close poll…');
  await ann.page.getByRole('alertdialog').getByRole('button', { name: 'Close poll' }).click();
  for (const person of [ann, bob, cleo]) await person.message('Where do we climb').getByText('Poll closed').waitFor();
  // Nothing says that it can be pressed.
  await choice(bob, 'Nowhere').click({ force: true });
  await bob.send('Too late');
  await ann.sees('Too late');
  for (const person of [ann, bob]) await choice(person, 'Nowhere, 0 votes').waitFor();
  await look(bob.page, 'poll-closed');
});

it('a poll is found by its choices', async () => {
  await cleo.page.getByRole('searchbox', { name: 'Search messages and people' }).fill('if it is dry');
  await cleo.chatList.getByRole('button').filter({ hasText: 'Outside, if it is dry' }).waitFor();
});

/** What the notifications that stand there say. */
function notifications({ page }: Person): Promise<string[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return ((await registration?.getNotifications()) ?? []).map(({ body }) => body);
  });
}
