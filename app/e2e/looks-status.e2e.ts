/** The screens of statuses look right and read right, in every look, and need no mouse. */
import { beforeAll, it } from 'vitest';
import { gainsFocus, tabTo } from './world/keyboard.ts';
import { declineInstall, look } from './world/looks.ts';
import { drawPicture, jpeg, shootFilm } from './world/media.ts';
import type { Person } from './world/person.ts';
import { openStatuses, ring, shareFiles, shareWords, viewer, watch, watchMine } from './world/statuses.ts';
import { befriend, useWorld } from './world/world.ts';

const world = useWorld({ media: true });
let ann: Person;
let bob: Person;
let cleo: Person;

beforeAll(async () => {
  ann = await world().arrive('Ann');
  await declineInstall(ann.context);
  [bob, cleo] = await world().residents('Bob Okafor', 'Cleo');
  await ann.onboard();
  for (const person of [bob, cleo]) await befriend(ann, person);
});

it('where nobody has shared anything yet', async () => {
  await openStatuses(ann);
  await ann.page.getByRole('heading', { name: 'No status yet' }).waitFor();
  await look(ann.page, 'status-empty');
});

it('the composer: words on a colour, and photos with their captions', async () => {
  await ann.page.getByRole('link', { name: 'Add a status' }).click();
  await ann.page.getByLabel('Your text').fill('First snow on the ridge. Who comes along on Sunday?');
  await ann.page.getByRole('radio', { name: 'Teal' }).check({ force: true });
  await look(ann.page, 'status-words');
  await ann.page.getByText('Photos and videos', { exact: true }).click();
  await look(ann.page, 'status-choose');
  const pictures = await Promise.all(
    [10, 90, 200].map(async (hue, i) =>
      jpeg(`landscape-${String(i)}.jpg`, await drawPicture(ann.page, { width: 1200, height: 900, hue })),
    ),
  );
  await ann.page.locator('input[data-pick=media]').setInputFiles(pictures);
  await ann.page.getByLabel('Caption of 2').fill('From the walk on Sunday');
  await ann.page.getByText('in all').waitFor();
  await look(ann.page, 'status-files');
});

it('who gets it', async () => {
  await ann.page.getByRole('button', { name: /^Shared with: / }).click();
  await ann.page.getByLabel('All contacts except…').check();
  await ann.page.getByRole('checkbox', { name: 'Cleo', exact: true }).check();
  await look(ann.page, 'status-audience');
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await ann.page.getByRole('main').getByRole('link', { name: 'Back', exact: true }).click();
});

it('the list: one’s own, what is new, what was seen, and who is muted', async () => {
  for (const person of [bob, cleo]) await openStatuses(person);
  await shareWords(ann, 'First snow on the ridge');
  await shareWords(bob, 'Good morning from the garden');
  const picture = jpeg('view.jpg', await drawPicture(bob.page, { width: 900, height: 1300, hue: 210 }));
  await shareFiles(bob, [{ file: picture, caption: 'The view from up here, after six hours of walking' }]);
  // A file is shared when it is up: what is written meanwhile would come before it.
  await ann.page.getByRole('button', { name: /^Bob Okafor, 2 new of 2 updates/ }).waitFor();
  await shareWords(bob, 'On the way home now. '.repeat(20));
  await shareWords(cleo, '🎉');
  await ring(ann, 'Cleo').waitFor();
  await watch(ann, 'Cleo');
  await ann.page.keyboard.press('Escape');
  await ann.page.getByRole('button', { name: /^Bob Okafor, 3 new of 3 updates/ }).waitFor();
  await watch(ann, 'Bob Okafor');
  await viewer(ann).getByText('Good morning from the garden').waitFor();
  await ann.page.keyboard.press('Escape');
  await ann.page.getByRole('button', { name: /^Bob Okafor, 2 new of 3 updates/ }).waitFor();
  await ann.page.getByText('Shared with your contacts').waitFor({ state: 'detached' });
  await look(ann.page, 'status-list');
});

it('one status after the other: a photo, many words, few words', async () => {
  await watch(ann, 'Bob Okafor');
  await viewer(ann).getByRole('img', { name: 'Photo', exact: true }).waitFor();
  await look(ann.page, 'status-photo');
  await ann.page.keyboard.press('ArrowRight');
  await viewer(ann).getByText('On the way home now.').waitFor();
  await look(ann.page, 'status-long');
  await ann.page.keyboard.press('ArrowLeft');
  await ann.page.keyboard.press('ArrowLeft');
  await viewer(ann).getByText('Good morning from the garden').waitFor();
  await look(ann.page, 'status-short');
  await viewer(ann).getByLabel('Reply to Bob Okafor').fill('Lovely!');
  await ann.page.keyboard.press('Enter');
  await ann.page.getByText('Sent to Bob Okafor').waitFor();
  await ann.page.keyboard.press('Escape');
});

it('a film, and the button for its sound', async () => {
  const film = { name: 'square.webm', mimeType: 'video/webm', buffer: await shootFilm(cleo.page, 2) };
  await shareFiles(cleo, [{ file: film, caption: 'It moves' }]);
  await ann.page.getByRole('button', { name: /^Cleo, 1 new of 2 updates/ }).waitFor();
  await watch(ann, 'Cleo');
  await viewer(ann).getByRole('button', { name: 'Sound on', exact: true }).waitFor();
  await viewer(ann).getByText('It moves').waitFor();
  await ann.page.getByText('Sent to Bob Okafor').waitFor({ state: 'detached' });
  await look(ann.page, 'status-film');
  await ann.page.keyboard.press('Escape');
});

it('one’s own, who has seen it, and the question before it is deleted', async () => {
  await watch(bob, 'Ann');
  await bob.page.keyboard.press('Escape');
  await watchMine(ann);
  await ann.page.getByRole('button', { name: 'Seen by 1', exact: true }).click();
  await ann.page.getByRole('list', { name: 'Seen by' }).getByText('Bob Okafor').waitFor();
  await look(ann.page, 'status-viewers');
  await ann.page.keyboard.press('Escape');
  await ann.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await look(ann.page, 'status-delete');
  await ann.page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
  await ann.page.keyboard.press('Escape');
  await viewer(ann).waitFor({ state: 'detached' });
});

it('an answer in the chat, with the status that it answers', async () => {
  await ann.goto('/');
  await ann.openChat('Bob Okafor');
  await ann.message('Lovely!').waitFor();
  await look(ann.page, 'status-quote');
});

it('shares, looks, answers and mutes without a mouse', async () => {
  const { page } = cleo;
  const { keyboard } = page;
  await cleo.goto('/');
  await cleo.chatList.waitFor();
  await keyboard.press('Alt+s');
  await tabTo(page, page.getByRole('link', { name: 'Add a status' }));
  await keyboard.press('Enter');
  await tabTo(page, page.getByLabel('Your text'));
  await keyboard.type('From the keys');
  await keyboard.press('Tab');
  await keyboard.press('ArrowRight');
  await gainsFocus(page.getByRole('radio', { name: 'Green' }));
  await tabTo(page, page.getByRole('button', { name: 'Share', exact: true }));
  await keyboard.press('Enter');
  await page.getByText('Shared with your contacts').waitFor();

  const row = ring(cleo, 'Ann');
  await tabTo(page, row);
  await keyboard.press('Enter');
  await viewer(cleo).getByText('First snow on the ridge').waitFor();
  await tabTo(page, page.getByLabel('Reply to Ann'));
  await keyboard.type('I come along');
  await keyboard.press('Enter');
  await page.getByText('Sent to Ann').waitFor();
  await keyboard.press('Escape');
  await gainsFocus(row);
  await tabTo(page, page.getByRole('button', { name: 'Mute Ann', exact: true }));
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Muted', exact: true }).waitFor();
});
