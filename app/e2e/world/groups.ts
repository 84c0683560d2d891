/** What people do in groups, by what they see. */
import type { Locator } from 'playwright-core';
import type { Person } from './person.ts';

/** Founds a group, with contacts or alone, and looks at it. */
export async function found(ann: Person, name: string, members: readonly string[]): Promise<void> {
  await ann.page.getByRole('link', { name: 'New group' }).first().click();
  await ann.page.getByLabel('Group name').fill(name);
  for (const member of members) await ann.page.getByRole('checkbox', { name: member, exact: true }).check();
  await ann.page.getByRole('button', { name: 'Create group' }).click();
  await ann.conversation(name).waitFor();
}

/** Makes a link to the group whose page is open; `asked` when an admin is to let people in. */
export async function makeLink({ page }: Person, { asked = false } = {}): Promise<string> {
  await page.getByRole('button', { name: 'Make a link' }).click();
  if (asked) await page.getByRole('radio', { name: 'People an admin lets in' }).check();
  await page.getByRole('button', { name: 'Make link' }).click();
  const link = await page.getByRole('textbox', { name: 'Link to the group' }).inputValue();
  await page.keyboard.press('Escape');
  return link;
}

/** Says yes where a link to a group leads. */
export async function askToJoin(person: Person): Promise<void> {
  await person.page.getByRole('button', { name: 'Ask to join' }).click();
}

/** Pastes an invite where one starts a chat. */
export async function paste({ page }: Person, link: string): Promise<void> {
  await page.getByRole('link', { name: 'New chat' }).click();
  await page.getByLabel('Invite link you received').fill(link);
  await page.getByRole('button', { name: 'Open chat' }).click();
}

/** The page about the group that is open. */
export async function openInfo(person: Person, name: string): Promise<void> {
  await person.page.getByRole('link', { name: `Open info about ${name}` }).click();
  await person.page.getByRole('heading', { name: 'Group info' }).waitFor();
}

export async function backToChat(person: Person): Promise<void> {
  await person.page.getByRole('main').getByRole('link', { name: 'Back', exact: true }).click();
  await person.messages.waitFor();
}

/** A member's line on the page about the group. */
export function member(person: Person, name: string): Locator {
  return person.page
    .getByRole('list', { name: 'Members', exact: true })
    .getByRole('listitem')
    .filter({ hasText: name });
}

/** Chooses from a member's menu. */
export async function chooseFor(person: Person, name: string, item: string): Promise<void> {
  await person.page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await person.page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** A line about the group in its chat. */
export function line(person: Person, text: string): Locator {
  return person.messages.getByRole('button', { name: text, exact: true });
}
