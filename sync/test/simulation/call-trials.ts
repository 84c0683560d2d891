/**
 * After the story: all can call and be called as ever, and what is said more than once or in more than one way is: in each call
 * something else of it is lost, which must not show.
 */
import { type ChatId, toBase64Url } from '@securechat/crypto';
import type { Caller, CallStory } from './calls.ts';
import type { PhoneTab } from './phone-tab.ts';
import { look } from './setup.ts';

const SECOND = 1_000;
/** Nobody rings more than so often in a minute. */
const PAUSE = 70 * SECOND;
const CALL_ID_BYTES = 16;

/**
 * accept: the caller does not hear who answers; the callee's other devices do. sibling: the other way round. both: two devices
 * answer at once. reveal: whoever answers hears nothing of the caller. signals: nor the other way round, when both talk.
 */
type Trial = 'accept' | 'sibling' | 'both' | 'reveal' | 'signals';
const TRIALS: readonly Trial[] = ['accept', 'sibling', 'both', 'reveal', 'signals'];
/** What takes another device of the callee. */
const TWO: readonly Trial[] = ['accept', 'sibling', 'both'];

interface Attempt {
  readonly callId: string;
  readonly chatId: string;
  readonly by: Caller;
  readonly to: Caller;
  readonly from: PhoneTab;
  readonly at: PhoneTab;
  readonly sibling: PhoneTab | undefined;
  readonly trial: Trial;
}

/** In each chat a call from either side, as it should be: it rings everywhere, is answered on one device, and ended. */
export async function checkWorks(story: CallStory): Promise<void> {
  await story.world.pass(PAUSE);
  let left = TRIALS;
  for (const { chatId, between } of story.chats)
    for (const [by, to] of [between, [between[1], between[0]] as const]) {
      const attempt = attemptAt(story, { chatId, by, to, left });
      left = left.filter((trial) => trial !== attempt.trial);
      await checkOne(story, attempt);
    }
}

/** One that was not tried yet, if it can be with these two. */
function attemptAt(
  { world: { dice } }: CallStory,
  { left, ...call }: Pick<Attempt, 'chatId' | 'by' | 'to'> & { readonly left: readonly Trial[] },
): Attempt {
  const [from, at] = [dice.pick(call.by.tabs), dice.pick(call.to.tabs)];
  const callId = toBase64Url(Uint8Array.from({ length: CALL_ID_BYTES }, () => dice.below(256)));
  const sibling = call.to.tabs.find((tab) => tab !== at);
  const best = left.filter((each) => TWO.includes(each) === (sibling !== undefined));
  const trial = dice.pick(best.length > 0 ? best : TRIALS.filter((each) => !TWO.includes(each)));
  return { ...call, callId, from, at, sibling, trial };
}

async function checkOne(story: CallStory, attempt: Attempt): Promise<void> {
  const { world, started, answered } = story;
  const { callId, chatId, by, to, from, at } = attempt;
  for (const tab of [...by.tabs, ...to.tabs]) tab.reload();
  const begun = await from.call(callId, chatId, false);
  started.push({ callId, chatId, by, to, from, at: world.clock.now(), is: begun === true ? 'sure' : 'perhaps' });
  await world.pass(4 * SECOND);
  await expectPhases(story, attempt, 'called', (tab) => (by.tabs.includes(tab) && tab !== from ? 'none' : 'ringing'));
  answered.add(callId);
  await answerWith(story, attempt);
  await world.pass(6 * SECOND);
  const device = await answering(attempt);
  const others = (tab: PhoneTab): string => (to.tabs.includes(tab) ? 'elsewhere' : 'none');
  const both = (tab: PhoneTab): boolean => tab === from || tab === device;
  await expectPhases(story, attempt, 'was answered', (tab) => (both(tab) ? 'active' : others(tab)));
  await checkSignals(story, attempt, device);
  await world.dice.pick([from, device]).hangUp(callId);
  await world.pass(2 * SECOND);
  // Elsewhere it is not on the screen any more.
  await expectPhases(story, attempt, 'hung up', (tab) => (both(tab) ? 'hungUp' : 'none'));
  await world.pass(PAUSE);
  const call = from.device.engine?.callLog.of(chatId as ChatId).at(-1);
  if (call?.callId !== callId || call.outcome !== 'answered')
    world.violations.push(`${at.device.name}: ${call?.outcome ?? 'nothing'} is written of a call that was answered`);
}

/** The user answers, and for some seconds something of what follows is lost. */
async function answerWith(story: CallStory, attempt: Attempt): Promise<void> {
  const { world } = story;
  const { callId, by, from, at, sibling, trial } = attempt;
  const victim = trial === 'sibling' ? sibling : from;
  if (trial === 'reveal') world.withholding = { by: from.device, from: at.device };
  else if ((trial === 'accept' || trial === 'sibling') && victim !== undefined)
    world.withholding = { by: at.device, from: victim.device };
  await Promise.all(
    [at, ...(trial === 'both' && sibling !== undefined ? [sibling] : [])].map((tab) => tab.answer(callId)),
  );
  await world.pass(3 * SECOND);
  world.withholding = undefined;
  if (trial === 'accept' || trial === 'sibling')
    await expectPhases(story, attempt, `is answered without ${victim?.device.name ?? 'nobody'}`, (tab) => {
      if (by.tabs.includes(tab) && tab !== from) return 'none';
      if (tab === sibling) return 'elsewhere';
      if (trial === 'sibling') return 'active';
      return tab === from ? 'ringing' : 'connecting';
    });
}

/** The device that has the call: of two that answered the one that is in it. */
async function answering({ callId, at, sibling, trial }: Attempt): Promise<PhoneTab> {
  if (trial !== 'both' || sibling === undefined) return at;
  return (await phaseOf(sibling, callId)) === 'active' ? sibling : at;
}

/** All that the tabs said has come, also what was said while nothing got through. */
async function checkSignals({ world }: CallStory, { callId, from, trial }: Attempt, device: PhoneTab): Promise<void> {
  if (trial === 'signals') {
    const [by, to] = world.dice.chance(0.5) ? [from, device] : [device, from];
    world.withholding = { by: by.device, from: to.device };
    await by.chatter();
    await world.pass(5 * SECOND);
    world.withholding = undefined;
    await world.pass(4 * SECOND);
  }
  for (const [by, to] of [
    [from, device],
    [device, from],
  ] as const) {
    const [said, heard] = [by.signalsOf(callId).sent, to.signalsOf(callId).received];
    if (said !== heard || said === 0)
      world.violations.push(
        `${to.device.name} heard ${String(heard)} of ${String(said)} signals of ${by.device.name} in ${callId}`,
      );
  }
}

async function phaseOf({ device }: PhoneTab, callId: string): Promise<string> {
  const shown = await look(device.client, 'call', null);
  return shown?.callId === callId ? (shown.end ?? shown.phase) : 'none';
}

async function expectPhases(
  { world }: CallStory,
  { callId, by, to, from, trial }: Attempt,
  when: string,
  expected: (tab: PhoneTab) => string,
): Promise<void> {
  for (const tab of [...by.tabs, ...to.tabs]) {
    const phase = await phaseOf(tab, callId);
    if (phase !== expected(tab))
      world.violations.push(
        `${tab.device.name}: ${phase}, not ${expected(tab)}, when ${from.device.name} ${when} (${trial})`,
      );
  }
}
