/** The screens of calls look right and read right, in every look, and need no mouse. */
import { beforeAll, expect, it } from 'vitest';
import { answer, call, CALLING, callScreen, hangUp, noteConnections, ringing, seesEnd, talk } from './world/calls.ts';
import { gainsFocus, hasFocus, tabTo } from './world/keyboard.ts';
import { declineInstall, look } from './world/looks.ts';
import type { Person } from './world/person.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld();
let ann: Person;
let bob: Person;

beforeAll(async () => {
  ann = await world().arrive('Ann', CALLING);
  bob = await world().arrive('Bob Okafor', CALLING);
  for (const person of [ann, bob]) {
    await declineInstall(person.context);
    await noteConnections(person);
    await person.onboard();
  }
  await befriend(ann, bob);
});

it('where nobody has called yet, and the way to call', async () => {
  await look(ann.page, 'call-chat');
  await ann.page.getByRole('link', { name: 'Calls', exact: true }).click();
  await ann.page.getByRole('heading', { name: 'No calls yet' }).waitFor();
  await look(ann.page, 'calls-empty');
  await ann.openChat('Bob Okafor');
});

it('a voice call that rings, on both sides', async () => {
  await call(ann, 'Bob Okafor', 'Voice');
  await ringing(bob, 'Ann').waitFor();
  await callScreen(ann.page, 'Bob Okafor').getByText('Ringing…').first().waitFor();
  await look(bob.page, 'call-incoming');
  await look(ann.page, 'call-outgoing');
  await answer(bob, 'Ann');
  await talk(ann, bob);
  await look(ann.page, 'call-voice');
  await hangUp(ann);
  for (const [person, other] of [
    [ann, 'Bob Okafor'],
    [bob, 'Ann'],
  ] as const)
    await seesEnd(person, other, 'Call ended');
});

it('a video call: who is seen, what to compare, what can be chosen, and a screen on both sides', async () => {
  await call(ann, 'Bob Okafor', 'Video');
  await ringing(bob, 'Ann', 'video').waitFor();
  await look(bob.page, 'call-incoming-video');
  await answer(bob, 'Ann', 'video');
  await talk(ann, bob);
  await callScreen(ann.page, 'Bob Okafor').getByLabel('Picture of Bob Okafor').waitFor();
  await ann.page.getByRole('img', { name: /^(Good|Fair|Poor) connection$/ }).waitFor();
  await look(ann.page, 'call-video');

  await ann.page.getByRole('button', { name: /^Emoji to compare/ }).click();
  await look(ann.page, 'call-emoji');
  await ann.page.keyboard.press('Escape');
  await ann.page.getByRole('button', { name: 'More', exact: true }).click();
  await look(ann.page, 'call-menu');
  await ann.page.getByRole('menuitem', { name: 'Sound and picture…' }).click();
  await ann.page.getByLabel('Microphone').waitFor();
  await look(ann.page, 'call-settings');
  await ann.page.keyboard.press('Escape');

  await ann.page.getByRole('button', { name: 'Share screen' }).click();
  await callScreen(bob.page, 'Ann').getByLabel('Screen of Ann').waitFor();
  await look(ann.page, 'call-sharing');
  await look(bob.page, 'call-screen');
});

it('the call beside other screens, on hold, and its end', async () => {
  await ann.page.keyboard.press('Escape');
  await ann.page.getByRole('region', { name: 'Call with Bob Okafor' }).waitFor();
  await look(ann.page, 'call-bar');
  const tab = await ann.newTab();
  await tab.getByText('In a call with Bob Okafor in another tab').waitFor();
  await look(tab, 'call-other-tab');
  await tab.close();
  await ann.page.getByRole('button', { name: 'Show the call' }).click();
  await ann.page.getByRole('button', { name: 'More', exact: true }).click();
  await ann.page.getByRole('menuitem', { name: 'Hold' }).click();
  await callScreen(ann.page, 'Bob Okafor').getByText('On hold').first().waitFor();
  await look(ann.page, 'call-held');
  await hangUp(bob);
  await callScreen(ann.page, 'Bob Okafor').getByText('Call ended').first().waitFor();
  await look(ann.page, 'call-ended');
});

it('the list of calls, all and missed ones, and the lines in the chat', async () => {
  await callScreen(ann.page, 'Bob Okafor').waitFor({ state: 'detached' });
  await callScreen(bob.page, 'Ann').waitFor({ state: 'detached' });
  await call(bob, 'Ann', 'Voice');
  await ringing(ann, 'Bob Okafor').waitFor();
  await bob.page.getByRole('button', { name: 'Cancel call' }).click();
  await seesEnd(bob, 'Ann', 'Call cancelled');
  await ann.messages.getByText('Missed voice call').waitFor();
  await look(ann.page, 'call-lines');
  await ann.page.getByRole('link', { name: 'Calls', exact: true }).click();
  await ann.page
    .getByRole('main')
    .getByRole('link', { name: /^Bob Okafor, Missed voice call/ })
    .waitFor();
  await look(ann.page, 'calls-list');
});

it('calls, answers, mutes, looks elsewhere and hangs up without a mouse', async () => {
  await ann.openChat('Bob Okafor');
  const { page } = bob;
  const button = page.getByRole('button', { name: 'Voice call to Ann' });
  await tabTo(page, button, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await callScreen(page, 'Ann').waitFor();

  // Who was typing when it came has neither answered nor declined.
  await ann.box.focus();
  const incoming = ringing(ann, 'Bob Okafor');
  await gainsFocus(incoming);
  await ann.page.keyboard.type('hello ');
  await ann.page.keyboard.press('Enter');
  await tabTo(ann.page, incoming.getByRole('button', { name: 'Answer', exact: true }));
  await ann.page.keyboard.press('Enter');
  await talk(ann, bob);

  await tabTo(page, page.getByRole('button', { name: 'Mute', exact: true }));
  await page.keyboard.press('Space');
  await callScreen(ann.page, 'Bob Okafor').getByText('Bob Okafor is muted').waitFor();
  await page.keyboard.press('Escape');
  await tabTo(page, page.getByRole('button', { name: 'Show the call' }));
  await page.keyboard.press('Enter');
  await callScreen(page, 'Ann').waitFor();
  await page.keyboard.press('Alt+m');
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor();
  await page.keyboard.press('Alt+x');
  await tabTo(page, callScreen(page, 'Ann').getByRole('button', { name: 'Close' }));
  await page.keyboard.press('Enter');
  await callScreen(page, 'Ann').waitFor({ state: 'detached' });
  await seesEnd(ann, 'Bob Okafor', 'Call ended');
  expect(await hasFocus(ann.box)).toBe(true);
});
