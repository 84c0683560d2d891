/** What must be so of calls, at whatever end a story came to. */
import { type ChatId, fromBase64Url } from '@securechat/crypto';
import type { CallView } from '../../src/api.ts';
import type { LoggedCall } from '../../src/telephony/call-log.ts';
import type { Caller, CallStory, Chat, Started } from './calls.ts';
import type { PhoneTab } from './phone-tab.ts';
import { difference } from './report.ts';
import { look } from './setup.ts';

const SECOND = 1_000;
/** Two calls that began so far apart can have met. */
const MEETING = 60 * SECOND;

/** Who talks after everything healed talks with somebody who says the same. */
export async function checkTalk({ world, people }: CallStory): Promise<void> {
  const talking: { readonly tab: PhoneTab; readonly by: Caller; readonly shown: CallView }[] = [];
  for (const by of people)
    for (const tab of by.tabs) {
      const shown = await look(tab.device.client, 'call', null);
      if (shown !== null && shown.phase !== 'ended') talking.push({ tab, by, shown });
    }
  for (const { tab, by, shown } of talking) {
    const { callId, phase, peer, comparison } = shown;
    const say = (problem: string): void =>
      void world.violations.push(`${tab.device.name}: call ${callId} is ${phase} after a while, ${problem}`);
    if (phase !== 'active') say('and should be over');
    const others = talking.filter((other) => other.tab !== tab && other.shown.callId === callId);
    if (others.length !== 1 || others[0]?.by.accountId !== peer || others[0].by === by) say('and with nobody');
    if (comparison?.join() !== others[0]?.shown.comparison?.join()) say('with another comparison than there');
  }
}

/** Each call is written down as it should be, and the same everywhere. */
export async function checkRecords(story: CallStory): Promise<void> {
  for (const chat of story.chats) checkChat(story, chat);
  for (const started of story.started) checkComparison(story, started);
  checkParts(story);
  await story.world.settle();
}

function checkChat({ world, started, answered, moved }: CallStory, { chatId, between }: Chat): void {
  const say = (problem: string): void =>
    void world.violations.push(`${between.map(({ name }) => name).join('-')}: ${problem}`);
  const logs = between.flatMap(({ tabs }) =>
    tabs.map(({ device }) => ({ device, calls: device.engine?.callLog.of(chatId as ChatId) ?? [] })),
  );
  const [first, ...others] = logs;
  if (first === undefined) return;
  const lines = first.calls.map(lineOf);
  for (const { device, calls } of others)
    if (JSON.stringify(calls.map(lineOf)) !== JSON.stringify(lines))
      say(`${first.device.name} and ${device.name} differ:\n${difference(lines, calls.map(lineOf))}`);
  const begun = started.filter((each) => each.chatId === chatId);
  for (const call of first.calls) {
    const known = begun.find(({ callId }) => callId === call.callId);
    if (known === undefined || known.by.accountId !== call.by) say(`nobody made ${lineOf(call)}`);
    else {
      const hasMet = known.to.tabs.some(({ met }) => met.has(call.callId));
      checkOutcome(known, { call, wasAnswered: hasMet || answered.has(call.callId), say });
    }
    if (first.calls.filter(({ callId }) => callId === call.callId).length !== 1) say(`twice: ${lineOf(call)}`);
  }
  for (const each of begun)
    if (
      each.is === 'sure' &&
      !moved.has(chatId) &&
      !first.calls.some(({ callId }) => callId === each.callId) &&
      !isUntold(each, begun)
    )
      say(`not written down: ${each.callId} of ${each.from.device.name}`);
}

function lineOf({ id, by, callId, outcome, seconds }: LoggedCall): string {
  return [id, by, callId, outcome, String(seconds)].join(' ');
}

/** Nobody was there to ring, or both called and the other's call was kept. */
function isUntold({ callId, by, at, from }: Started, begun: readonly Started[]): boolean {
  if (from.shown.get(callId)?.end === 'unreachable') return true;
  return begun.some((other) => other.by !== by && Math.abs(other.at - at) < MEETING && isBefore(other.callId, callId));
}

/** By their bytes, told here once more: the machine's own word for it is what is to be checked. */
function isBefore(a: string, b: string): boolean {
  const texts = [a, b].map((id) => Buffer.from(fromBase64Url(id) ?? []).toString('hex'));
  return (texts[0] ?? '') < (texts[1] ?? '');
}

/** An outcome needs whoever brings it about. */
function checkOutcome(
  { callId, from, to }: Started,
  {
    call: { outcome },
    wasAnswered,
    say,
  }: { readonly call: LoggedCall; readonly wasAnswered: boolean; readonly say: (problem: string) => void },
): void {
  const sawBoth = from.shown.get(callId)?.wasOn === true && comparisonsOf(callId, to).length > 0;
  if (outcome === 'answered' && !(wasAnswered && sawBoth)) say(`${callId} was answered by nobody`);
  if (outcome === 'declined' && !wasAnswered) say(`${callId} was declined by nobody`);
  if (outcome === 'busy' && to.tabs.length > 1) say(`${callId} was busy although another device was there`);
}

function comparisonsOf(callId: string, { tabs }: Caller): readonly string[] {
  return tabs.flatMap(({ shown }) => [...(shown.get(callId)?.comparisons ?? [])]);
}

/** Whatever part of a call it is, all who were shown a comparison of it were shown the same. */
function checkParts({ world, people }: CallStory): void {
  const all = new Map<string, Set<string>>();
  for (const { shown } of people.flatMap(({ tabs }) => tabs))
    for (const [callId, { comparisons }] of shown)
      all.set(callId, new Set([...(all.get(callId) ?? []), ...comparisons]));
  for (const [callId, { size }] of all) if (size > 1) world.violations.push(`${String(size)} comparisons of ${callId}`);
}

/** The caller's device shows one, and at most one device of the callee, which shows the same. */
function checkComparison({ world }: CallStory, { callId, by, to }: Started): void {
  const [here, there] = [comparisonsOf(callId, by), comparisonsOf(callId, to)];
  if (here.length > 1 || there.length > 1 || new Set([...here, ...there]).size > 1)
    world.violations.push(`comparisons of ${callId}: ${here.join(', ')} | ${there.join(', ')}`);
  if (here.length === 0 && there.length > 0) world.violations.push(`${callId}: a comparison at the callee alone`);
}
