import { expect, it } from 'vitest';
import { memoryMailboxes } from '../../src/index.ts';
import { bytesOf, World } from '../world.ts';

it('the mailbox is full: the sender is told for each message, keeps it, and gets it through once there is room', async () => {
  const world = new World({ store: memoryMailboxes({ count: 10, bytes: 10_000 }) });
  const [ann, bob] = [await world.join(), await world.join()];
  const fromAnn = await world.connect(ann);
  const posts = Array.from({ length: 15 }, (_, n) => {
    const text = `message ${String(n)}`;
    return { text, id: fromAnn.post([bob.mailbox], bytesOf(text)) };
  });
  await world.clock.advance(5);
  const refused = fromAnn.all('refused');
  expect(fromAnn.all('accepted').length).toBe(10);
  expect(refused.map((frame) => frame.failures[0]?.code)).toEqual(Array(5).fill('MailboxFull'));

  const atBob = await world.connect(bob);
  expect(atBob.delivered).toEqual(posts.slice(0, 10).map((post) => post.text));
  atBob.ack(...atBob.all('deliver').map((frame) => frame.id));
  await world.clock.advance(5);
  atBob.hangUp();
  for (const { text, id } of posts.slice(10)) fromAnn.post([bob.mailbox], bytesOf(text), { id });
  await world.clock.advance(5);
  expect(fromAnn.all('accepted').length).toBe(15);
  expect((await world.connect(bob)).delivered).toEqual(posts.slice(10).map((post) => post.text));
});
