/**
 * State machines of calls of one group on a network that loses, repeats, delays and reorders what they say, without engines:
 * quick enough for many stories. Keeps who was told which key.
 */
import type { CallId } from '../../src/api-phone.ts';
import type { GroupCallPart } from '../../src/payload/group-call-parts.ts';
import type { GroupCallEvent, GroupEffect } from '../../src/telephony/group/events.ts';
import { groupStep } from '../../src/telephony/group/machine.ts';
import { type GroupCallState, NO_GROUP_CALLS, type OwnCall, ownCall } from '../../src/telephony/group/state.ts';
import type { EndedCall } from '../../src/telephony/records.ts';
import type { Party } from '../../src/telephony/state.ts';
import { VirtualClock } from '../simulation/clock.ts';
import type { Dice } from '../simulation/dice.ts';
import { Air } from './air.ts';
import { aGroup, freshBytes } from './group-phone.ts';
import { bytesOf, descriptionOf, partyOf } from './phone.ts';

const START = Date.UTC(2026, 0, 5);
const KEEP = 5_000;
const TAB = 'tab';

export interface GroupPhone {
  readonly party: Party;
  readonly skew: number;
  state: GroupCallState;
  readonly timers: Map<string, () => void>;
  readonly kept: Map<CallId, EndedCall>;
  readonly records: EndedCall[];
  isCut: boolean;
  /** Its tab says nothing any more. */
  isFrozen: boolean;
  isMember: boolean;
}

interface Said {
  readonly from: GroupPhone;
  readonly to: GroupPhone;
  readonly part: GroupCallPart;
}

export class GroupPhoneNetwork {
  readonly clock = new VirtualClock(START);
  readonly violations: string[] = [];
  readonly phones: readonly GroupPhone[];
  readonly air: Air<Said>;
  /** Which devices were told a key, by the key. */
  readonly told = new Map<string, Set<string>>();
  readonly #dice: Dice;

  constructor(dice: Dice, names: readonly (readonly [account: string, device: string])[]) {
    this.#dice = dice;
    this.air = new Air<Said>(this.clock, dice, (said) => {
      this.#arrive(said);
    });
    const most = dice.pick([0, 60_000, 24 * 3600_000]);
    this.phones = names.map(([account, device]) => ({
      ...{ party: partyOf(account, device), skew: Math.round(dice.between(-most, most)), state: NO_GROUP_CALLS },
      ...{ timers: new Map(), kept: new Map(), records: [], isCut: false, isFrozen: false, isMember: true },
    }));
    for (const phone of this.phones) this.#tick(phone);
  }

  pass(ms: number): void {
    const end = this.clock.now() + ms;
    while (this.clock.step(end)) continue;
  }

  /** Whether the machine did it. */
  make(phone: GroupPhone, event: GroupCallEvent): boolean {
    const now = this.clock.now() + phone.skew;
    const fresh = { first: freshBytes(), next: freshBytes() };
    const { state, effects, error } = groupStep(phone.state, event, { me: phone.party, now, fresh, isInCall: false });
    phone.state = state;
    for (const effect of effects) this.#do(phone, effect);
    return error === undefined;
  }

  join(phone: GroupPhone, callId: CallId): boolean {
    phone.isFrozen = false;
    const fingerprint = bytesOf(`fingerprint ${phone.party.device}`);
    const about = { chatId: aGroup, video: false, holder: TAB, fingerprint, mayBegin: true };
    return this.make(phone, { type: 'join', callId, ...about });
  }

  /** Its tab says something to another one's. */
  send(phone: GroupPhone, call: OwnCall): void {
    const [other] = call.others;
    if (other === undefined) return;
    const signal = descriptionOf('OFFER', bytesOf(`fingerprint ${phone.party.device}`));
    this.make(phone, { type: 'send', callId: call.callId, holder: TAB, to: other.party.device, signal });
  }

  /** As SIGKILL, and started again. */
  restart(phone: GroupPhone): void {
    for (const cancel of phone.timers.values()) cancel();
    phone.timers.clear();
    phone.state = NO_GROUP_CALLS;
    phone.records.push(...phone.kept.values());
    phone.kept.clear();
  }

  /** A member is removed, or added again: everybody hears of it within some seconds. */
  setMember(account: string, isMember: boolean): void {
    for (const phone of this.phones) if (phone.party.account === account) phone.isMember = isMember;
    const devices = this.phones.filter((phone) => phone.isMember).map(({ party }) => party);
    for (const phone of this.phones)
      this.clock.after(this.#dice.between(1, 3_000), () => {
        this.make(phone, { type: 'roster', chatId: aGroup, devices, blocked: [] });
      });
  }

  #do(phone: GroupPhone, effect: GroupEffect): void {
    switch (effect.type) {
      case 'sayAll':
        for (const to of this.phones) if (to !== phone) this.#say(phone, to, effect.part);
        return;
      case 'tell':
        this.#note(phone, effect);
        for (const to of this.phones) if (to.party.device === effect.to.device) this.#say(phone, to, effect.part);
        return;
      case 'tellOwn':
        for (const to of this.phones)
          if (to !== phone && to.party.account === phone.party.account) this.#say(phone, to, effect.part);
        return;
      case 'timer':
        this.#arm(phone, effect);
        return;
      case 'stop':
        for (const [key, cancel] of phone.timers)
          if (key === `${effect.callId} ${effect.name ?? ''}` || (!effect.name && key.startsWith(effect.callId))) {
            cancel();
            phone.timers.delete(key);
          }
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
    }
  }

  #arm(phone: GroupPhone, { callId, name, ms }: Extract<GroupEffect, { type: 'timer' }>): void {
    const key = `${callId} ${name}`;
    phone.timers.get(key)?.();
    const cancel = this.clock.after(ms, () => {
      phone.timers.delete(key);
      this.make(phone, { type: 'timer', callId, name });
    });
    phone.timers.set(key, cancel);
  }

  #note({ party, state }: GroupPhone, { to, part: { word } }: Extract<GroupEffect, { type: 'tell' }>): void {
    if (word.type !== 'key') return;
    const key = word.key.key.join();
    this.told.set(key, (this.told.get(key) ?? new Set()).add(to.device));
    const isIn = ownCall(state)?.others.some(({ party: other }) => other.device === to.device);
    if (isIn !== true) this.violations.push(`${party.device} told a key to who is not in it`);
  }

  #say(from: GroupPhone, to: GroupPhone, part: GroupCallPart): void {
    this.air.carry({ from, to, part }, from.isCut);
  }

  /** Only of members, to members: the engine asks the acts. */
  #arrive({ from, to, part: { callId, chatId, word } }: Said): void {
    if (to.isCut || !from.isMember || !to.isMember) return;
    this.make(to, { type: 'heard', from: from.party, isBlocked: false, mayBegin: true, chatId, callId, word });
  }

  /** Tabs say that they are there, and take what came. */
  #tick(phone: GroupPhone): void {
    this.clock.after(KEEP, () => {
      this.#tick(phone);
      const call = ownCall(phone.state);
      if (call === undefined || phone.isFrozen) return;
      this.make(phone, { type: 'keep', callId: call.callId, holder: TAB });
    });
  }
}
