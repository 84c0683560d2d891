/** How two people come to talk. */
import type { Person } from './person.ts';

/** They add each other by link, as two people would who share their links elsewhere, and look at their chat. */
export async function befriend(ann: Person, bob: Person): Promise<void> {
  const [annsLink, bobsLink] = [await ann.inviteLink(), await bob.inviteLink()];
  await ann.addByLink(bobsLink);
  await bob.addByLink(annsLink);
  for (const [person, other] of [
    [ann, bob],
    [bob, ann],
  ] as const) {
    await person.conversation(other.name).getByText('End-to-end encrypted', { exact: true }).waitFor();
  }
}
