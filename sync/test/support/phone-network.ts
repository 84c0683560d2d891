/**
 * State machines of calls on a network that loses, repeats, delays and reorders what they say, without engines: quick enough
 * for thousands of stories. Each device has a tab that says what connections say to each other.
 */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { PhonePart } from '../../src/payload/phone-parts.ts';
import type { Effect, PhoneEvent } from '../../src/telephony/events.ts';
import { step } from '../../src/telephony/machine.ts';
import { recordOfKept } from '../../src/telephony/outcome.ts';
import type { EndedCall } from '../../src/telephony/records.ts';
import {
  type Call,
  type KeptCall,
  NO_CALLS,
  type OverCall,
  type Party,
  type PhoneState,
  liveCall,
} from '../../src/telephony/state.ts';
import { VirtualClock } from '../simulation/clock.ts';
import type { Dice } from '../simulation/dice.ts';
import { Air } from './air.ts';
import { partyOf } from './phone.ts';

const KEEP = 5_000;
const START = Date.UTC(2026, 0, 5);
const TAB = 'tab';

export interface Phone {
  readonly party: Party;
  readonly skew: number;
  state: PhoneState;
  readonly timers: Map<string, () => void>;
  /** What is on its disk. */
  readonly kept: Map<string, KeptCall>;
  over: readonly OverCall[];
  readonly records: EndedCall[];
  /** Nothing comes or goes. */
  isCut: boolean;
  isFrozen: boolean;
  /** All that it was ever shown, by call. */
  readonly comparisons: Map<string, string>;
  readonly ended: Set<string>;
  /** Calls of its own that went for one that came, and which. */
  readonly gaveWay: Map<string, string>;
  /** Signals that came, of the call that is on. */
  heard: { readonly callId: string; last: number } | undefined;
}

interface Said {
  readonly from: Phone;
  readonly to: Phone;
  readonly part: PhonePart;
}

export class PhoneNetwork {
  readonly clock = new VirtualClock(START);
  readonly violations: string[] = [];
  readonly phones: readonly Phone[];
  readonly air: Air<Said>;
  readonly #dice: Dice;

  constructor(dice: Dice, names: readonly (readonly [account: string, device: string])[]) {
    this.#dice = dice;
    this.air = new Air<Said>(this.clock, dice, (said) => {
      this.#arrive(said);
    });
    const most = dice.pick([0, 60_000, 24 * 3600_000]);
    this.phones = names.map(([account, device]) => ({
      ...{ party: partyOf(account, device), skew: Math.round(dice.between(-most, most)), state: NO_CALLS },
      ...{ timers: new Map(), kept: new Map(), over: [], records: [], isCut: false, isFrozen: false },
      ...{ comparisons: new Map(), ended: new Set(), gaveWay: new Map(), heard: undefined },
    }));
    for (const phone of this.phones) this.#tick(phone);
  }

  of(account: AccountId): readonly Phone[] {
    return this.phones.filter(({ party }) => party.account === account);
  }

  pass(ms: number): void {
    const end = this.clock.now() + ms;
    while (this.clock.step(end)) continue;
  }

  /** Whether the machine did it. */
  make(phone: Phone, event: PhoneEvent): boolean {
    const { party: me } = phone;
    const about = event.type === 'heard' ? event.from.account : event.type === 'start' ? event.peer : undefined;
    const account = about ?? this.#callOf(phone, event)?.peer;
    const { main: before } = phone.state;
    const { state, effects, error } = step(phone.state, event, {
      ...{ me, now: this.clock.now() + phone.skew, hasSiblings: this.of(me.account).length > 1 },
      theirDevices: account === undefined ? 0 : this.of(account).length,
    });
    phone.state = state;
    for (const effect of effects) this.#do(phone, effect);
    if (before?.phase === 'dialling' && event.type === 'heard' && state.main?.phase === 'accepting')
      phone.gaveWay.set(before.callId, state.main.callId);
    this.#look(phone);
    return error === undefined;
  }

  /** As SIGKILL, and started again. */
  restart(phone: Phone): void {
    for (const cancel of phone.timers.values()) cancel();
    phone.timers.clear();
    phone.state = { ...NO_CALLS, over: phone.over };
    for (const kept of phone.kept.values()) phone.records.push(recordOfKept(kept));
    phone.kept.clear();
    phone.heard = undefined;
    phone.isFrozen = false;
  }

  #callOf(phone: Phone, event: PhoneEvent): Call | undefined {
    return 'callId' in event ? liveCall(phone.state, event.callId) : undefined;
  }

  #do(phone: Phone, effect: Effect): void {
    switch (effect.type) {
      case 'tell':
        for (const to of this.of(effect.to.account))
          if (to !== phone && (effect.to.device ?? to.party.device) === to.party.device)
            this.air.carry({ from: phone, to, part: effect.part }, phone.isCut);
        return;
      case 'timer':
        this.#stop(phone, effect.callId, effect.name);
        phone.timers.set(
          `${effect.callId} ${effect.name}`,
          this.clock.after(effect.ms, () => {
            phone.timers.delete(`${effect.callId} ${effect.name}`);
            this.make(phone, { type: 'timer', callId: effect.callId, name: effect.name });
          }),
        );
        return;
      case 'stop':
        this.#stop(phone, effect.callId, effect.name);
        return;
      case 'keep':
        phone.kept.set(effect.call.callId, effect.call);
        return;
      case 'forget':
        phone.kept.delete(effect.callId);
        return;
      case 'record':
        phone.kept.delete(effect.record.callId);
        phone.records.push(effect.record);
        return;
      case 'over':
        phone.over = effect.over;
        return;
    }
  }

  #stop({ timers }: Phone, callId: string, name: string | undefined): void {
    for (const [key, cancel] of timers)
      if (name === undefined ? key.startsWith(`${callId} `) : key === `${callId} ${name}`) {
        cancel();
        timers.delete(key);
      }
  }

  #arrive({ from, to, part: { callId, chatId, word } }: Said): void {
    if (!to.isCut) this.make(to, { type: 'heard', from: from.party, chatId, callId, word });
  }

  /** What a tab sees and does: it connects, tells the other one things, and hears them in order. */
  #look(phone: Phone): void {
    const { main } = phone.state;
    if (main === undefined) return;
    const { callId } = main;
    if (main.phase === 'ended') phone.ended.add(callId);
    else if (phone.ended.has(callId)) this.violations.push(`${callId} came back`);
    if (main.phase !== 'talking') return;
    const comparison = main.comparison.join(' ');
    if (phone.comparisons.get(callId) === undefined) {
      phone.comparisons.set(callId, comparison);
      phone.heard = { callId, last: 0 };
      this.clock.after(this.#dice.between(50, 3_000), () => {
        for (let n = 1; n <= 3; n += 1) this.say(phone, callId);
        this.make(phone, { type: 'report', callId, holder: TAB, state: 'connected' });
      });
    } else if (phone.comparisons.get(callId) !== comparison) this.violations.push(`${callId} is compared anew`);
    const { waiting } = main.signals;
    const [next] = waiting;
    if (next === undefined || phone.heard?.callId !== callId) return;
    phone.heard.last += 1;
    if (next.n !== phone.heard.last || JSON.parse(next.payload) !== next.n)
      this.violations.push(`${callId}: signal ${next.payload} came as ${String(phone.heard.last)}`);
    this.make(phone, { type: 'take', callId, holder: TAB, upTo: next.n });
  }

  /** A tab says the next thing. */
  say(phone: Phone, callId: string): void {
    const { main } = phone.state;
    if (main?.phase !== 'talking' || main.callId !== callId) return;
    const payload = JSON.stringify(main.signals.sent + 1);
    this.make(phone, { type: 'send', callId, holder: TAB, signal: { type: 'CANDIDATE', payload } });
  }

  #tick(phone: Phone): void {
    this.clock.after(KEEP, () => {
      const { main } = phone.state;
      if (!phone.isFrozen && main !== undefined && main.phase !== 'ended')
        this.make(phone, { type: 'keep', callId: main.callId, holder: TAB });
      this.#tick(phone);
    });
  }
}

/** The chat of two accounts. */
export function chatOf(a: AccountId, b: AccountId): ChatId {
  return [a, b].sort().join('').slice(0, 22) as ChatId;
}
