/**
 * Three people, two of them with two devices, call each other through a network that loses, repeats and delays what is said,
 * with tabs that freeze and devices that are killed, and move what they say from one device to the other; then it heals. The same with whole engines: the scenario `calls`.
 */
import { ready, toBase64Url } from '@securechat/crypto';
import { expect, it } from 'vitest';
import { Dice } from '../../test/simulation/dice.ts';
import { type Phone, PhoneNetwork, chatOf } from '../../test/support/phone-network.ts';
import { bytesOf } from '../../test/support/phone.ts';
import { holderOf } from './state.ts';

// Commitments are hashes.
await ready();

const SEEDS = 400;
const MINUTE = 60_000;

/** A call, or a part of one. */
interface Made {
  readonly callId: string;
  readonly by: Phone;
  readonly peer: string;
  readonly isReachable: boolean;
  /** Of a part: the id that the call began with. */
  readonly first?: string;
}

class Story {
  readonly dice: Dice;
  readonly net: PhoneNetwork;
  readonly made: Made[] = [];
  /** Calls that somebody was told to answer, or not to. */
  readonly answered = new Set<string>();

  constructor(seed: number) {
    this.dice = new Dice(seed);
    const names = ['ann', 'ann 2', 'bob', 'bob 2', 'cleo'].map((name) => [name.slice(0, 4).trim(), name] as const);
    this.net = new PhoneNetwork(this.dice, names);
    const bad = this.dice.pick([0, 0.15, 0.35]);
    this.net.air.weather = { lost: bad, twice: bad, late: bad };
  }

  step(): void {
    const { dice, net } = this;
    const phone = dice.pick(net.phones);
    if (dice.chance(0.05)) net.restart(dice.pick(net.phones));
    if (dice.chance(0.06)) {
      const other = dice.pick(net.phones);
      other.isCut = !other.isCut;
    }
    if (dice.chance(0.2)) net.air.replay();
    const roll = dice.below(18);
    if (roll > 15) this.move();
    if (roll < 3) this.call(phone);
    else if (roll === 3) this.callBoth(phone);
    else if (roll < 7) this.answer(phone);
    else if (roll === 7) for (const each of net.of(phone.party.account)) this.answer(each);
    else if (roll < 16) this.change(phone, roll);
    net.pass(dice.chance(0.1) ? dice.between(20_000, MINUTE) : dice.between(1, 6_000));
  }

  call(
    by: Phone,
    to = this.dice.pick(this.net.phones.filter(({ party }) => party.account !== by.party.account)),
  ): void {
    const callId = toBase64Url(Uint8Array.from({ length: 16 }, () => this.dice.below(256)));
    const [peer, isReachable] = [to.party.account, !by.isCut];
    const chatId = chatOf(by.party.account, peer);
    const keys = { fingerprint: bytesOf(by.party.device), nonce: bytesOf(`nonce ${callId}`) };
    const event = { type: 'start', callId, chatId, peer, video: false, holder: 'tab', keys, isReachable } as const;
    if (!this.net.make(by, event)) return;
    by.isFrozen = false;
    this.made.push({ callId, by, peer, isReachable });
  }

  /** Whoever has a call on another device goes on with it on this one; now and then everybody does, at once. */
  move(): void {
    const { dice, net } = this;
    const able = net.phones.filter(({ state }) => state.elsewhere !== undefined);
    if (able.length === 0) return;
    for (const phone of dice.chance(0.3) ? able : [dice.pick(able)]) {
      const { elsewhere } = phone.state;
      if (elsewhere === undefined) continue;
      const callId = toBase64Url(Uint8Array.from({ length: 16 }, () => dice.below(256)));
      const keys = { fingerprint: bytesOf(phone.party.device), nonce: bytesOf(`nonce ${callId}`) };
      if (!net.make(phone, { type: 'move', callId, from: elsewhere.callId, holder: 'tab', keys })) continue;
      phone.isFrozen = false;
      const first = elsewhere.origin.callId;
      this.made.push({ callId, by: phone, peer: elsewhere.peer, isReachable: false, first });
    }
  }

  callBoth(one: Phone): void {
    const other = this.dice.pick(this.net.phones.filter(({ party }) => party.account !== one.party.account));
    this.call(one, other);
    this.call(other, one);
  }

  answer(phone: Phone): void {
    const { main, second } = phone.state;
    const call = second !== undefined && this.dice.chance(0.6) ? second : main;
    if (call === undefined || call.outgoing) return;
    this.answered.add(call.callId);
    phone.isFrozen = false;
    const keys = { fingerprint: bytesOf(phone.party.device), nonce: bytesOf(`answer ${call.callId}`) };
    // Another one that rang is declined by it.
    if (main !== undefined && !main.outgoing) this.answered.add(main.callId);
    this.net.make(phone, { type: 'answer', callId: call.callId, holder: 'tab', keys });
  }

  change(phone: Phone, roll: number): void {
    const { main, second } = phone.state;
    if (main === undefined) return;
    const { callId } = main;
    const make = (type: 'decline' | 'hangUp', of = callId): void => {
      this.answered.add(of);
      this.net.make(phone, { type, callId: of });
    };
    if (roll === 8) make('decline', second?.callId);
    if (roll === 9) make('hangUp');
    if (roll === 10) phone.isFrozen = true;
    const holder = holderOf(main) ?? '';
    if (roll === 11) this.net.make(phone, { type: 'report', callId, holder, state: 'lost' });
    if (roll === 12) this.net.make(phone, { type: 'report', callId, holder, state: 'failed' });
    if (roll > 12) this.net.say(phone, callId);
  }

  heal(): void {
    const { net } = this;
    net.air.weather = { lost: 0, twice: 0, late: 0 };
    for (const phone of net.phones) phone.isCut = false;
    net.pass(3 * MINUTE);
  }

  check(): readonly string[] {
    const { net, made } = this;
    for (const phone of net.phones) this.checkTalk(phone);
    for (const phone of net.phones) {
      const { main } = phone.state;
      if (main !== undefined) net.make(phone, { type: 'hangUp', callId: main.callId });
    }
    net.pass(MINUTE);
    for (let n = 0; n < 50; n += 1) net.air.replay();
    net.pass(3 * MINUTE);
    for (const { state, timers, kept } of net.phones) {
      const { lately: _lately, over: _over, doubted: _doubted, ...on } = state;
      if (Object.keys(on).length > 0) net.violations.push('a call is on in the end');
      if (timers.size > 0 || kept.size > 0) net.violations.push(`left over: ${[...timers.keys()].join()}`);
    }
    for (const each of made) this.checkCall(each);
    const records = net.phones.flatMap((phone) => phone.records.map(({ callId }) => ({ phone, callId })));
    for (const { phone, callId } of records)
      if (!this.mayTell(phone, callId)) net.violations.push(`${callId} of nobody`);
    return net.violations;
  }

  /** Whoever called, or another device of theirs that the call came to. */
  mayTell({ party }: Phone, callId: string): boolean {
    const { made } = this;
    const call = made.find((each) => each.callId === callId && each.first === undefined);
    const parts = made.filter(({ by, first }) => first === callId && by.party.device === party.device);
    return call?.by.party.account === party.account && (call.by.party.device === party.device || parts.length > 0);
  }

  checkTalk(phone: Phone): void {
    const { main } = phone.state;
    if (main === undefined || main.phase === 'ended') return;
    const { callId } = main;
    const others = this.net.phones.filter((other) => other !== phone && other.state.main?.callId === callId);
    const [other] = others;
    const isGood =
      main.phase === 'talking' &&
      main.line === 'active' &&
      others.length === 1 &&
      other?.party.device === main.device &&
      other.state.main?.phase === 'talking';
    if (!isGood) this.net.violations.push(`${callId} is ${main.phase} after a while, with ${String(others.length)}`);
  }

  checkCall({ callId, by, peer, isReachable, first }: Made): void {
    const { net, made, answered } = this;
    const parts = made.filter((each) => each.first === callId);
    const say = (problem: string): void => void net.violations.push(`${callId} ${problem}`);
    // Whoever is killed, or hears nothing, while the call moves may tell of it too: its line is one (S-CALLED-1).
    const tellers = net.phones.filter((phone) => phone.records.some((record) => record.callId === callId));
    const records = tellers.flatMap((phone) => phone.records.filter((record) => record.callId === callId));
    const [there, here] = [net.phones.filter(({ party }) => party.account === peer), by.comparisons.get(callId)];
    const shown = there.flatMap(({ comparisons }) => comparisons.get(callId) ?? []);
    const kept = made.find((other) => other.callId === by.gaveWay.get(callId));
    const isTheirs = kept?.by.party.account === peer && kept.peer === by.party.account;
    if (kept !== undefined && !(isTheirs && bytesBefore(kept.callId, callId))) say('gave way to another');
    if (first !== undefined && records.length > 0) say('is a part, and written down');
    if (records.length > 1 && parts.length === 0) say('is written down twice');
    if (records.length === 0 && isReachable && kept === undefined && parts.length === 0) say('is not written down');
    const outcome = records[0]?.outcome;
    if (shown.length > 1) say('was talked from two devices');
    if (shown.length === 1 && shown[0] !== here) say('is compared otherwise there');
    if (outcome === 'answered' && here === undefined) say('was answered by nobody');
    if (outcome === 'declined' && !answered.has(callId)) say('was declined by nobody');
    if (outcome === 'busy' && there.length > 1) say('was busy with another device there');
  }
}

function bytesBefore(a: string, b: string): boolean {
  return Buffer.from(a, 'base64url').compare(Buffer.from(b, 'base64url')) < 0;
}

it(
  'S-PHONE-1 S-PHONE-11 calls through a bad network end as they should, for everybody the same',
  { timeout: 120_000 },
  () => {
    const failed: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const story = new Story(seed);
      const steps = story.dice.between(10, 60);
      for (let n = 0; n < steps; n += 1) story.step();
      story.heal();
      const [first] = story.check();
      if (first !== undefined) failed.push(`seed ${String(seed)}: ${first}`);
    }
    expect(failed).toEqual([]);
  },
);
