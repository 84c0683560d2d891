/**
 * Four people, one of them with two devices, come to the calls of their group and go, through a network that loses, repeats and
 * delays what is said, with tabs that freeze, devices that are killed and members that are removed; then it heals.
 */
import { ready, toBase64Url } from '@securechat/crypto';
import { expect, it } from 'vitest';
import { type GroupPhone, GroupPhoneNetwork } from '../../../test/support/group-phone-network.ts';
import { Dice } from '../../../test/simulation/dice.ts';
import { ownCall, talkingTo } from './state.ts';

// Fingerprints are hashes.
await ready();

const SEEDS = 100;
const MINUTE = 60_000;

class Story {
  readonly dice: Dice;
  readonly net: GroupPhoneNetwork;
  readonly begun = new Map<string, GroupPhone>();

  constructor(seed: number) {
    this.dice = new Dice(seed);
    const names = ['ann', 'ann 2', 'bob', 'cleo', 'dora'].map((name) => [name.slice(0, 4).trim(), name] as const);
    this.net = new GroupPhoneNetwork(this.dice, names);
    const bad = this.dice.pick([0, 0.15, 0.35]);
    this.net.air.weather = { lost: bad, twice: bad, late: bad };
  }

  step(): void {
    const { dice, net } = this;
    const phone = dice.pick(net.phones);
    const call = ownCall(phone.state);
    if (dice.chance(0.2)) net.air.replay();
    const roll = dice.below(14);
    if (roll < 5) this.join(phone);
    else if (roll < 7 && call) net.make(phone, { type: 'leave', callId: call.callId });
    else if (roll === 7) net.restart(phone);
    else if (roll === 8) phone.isCut = !phone.isCut;
    else if (roll === 9) phone.isFrozen = true;
    else if (roll === 10) net.setMember(phone.party.account, !phone.isMember);
    else if (call) net.send(phone, call);
    net.pass(dice.chance(0.1) ? dice.between(20_000, MINUTE) : dice.between(1, 6_000));
  }

  join(phone: GroupPhone): void {
    const callId = toBase64Url(Uint8Array.from({ length: 16 }, () => this.dice.below(256)));
    if (!phone.isMember || !this.net.join(phone, callId)) return;
    if (ownCall(phone.state)?.callId === callId) this.begun.set(callId, phone);
  }

  heal(): void {
    const { net } = this;
    net.air.weather = { lost: 0, twice: 0, late: 0 };
    for (const phone of net.phones) phone.isCut = false;
    net.pass(3 * MINUTE);
  }

  check(): readonly string[] {
    const { net } = this;
    const inIt = net.phones.filter(({ state }) => ownCall(state) !== undefined);
    for (const phone of net.phones) this.checkSight(phone, inIt);
    for (const phone of inIt) this.checkKeys(phone, inIt);
    for (const phone of inIt) {
      const callId = ownCall(phone.state)?.callId ?? '';
      net.make(phone, { type: 'leave', callId });
    }
    net.pass(MINUTE);
    for (let n = 0; n < 50; n += 1) net.air.replay();
    net.pass(MINUTE);
    for (const { state, timers, kept } of net.phones) {
      if (state.calls.length > 0) net.violations.push('a call is on in the end');
      if (timers.size > 0 || kept.size > 0) net.violations.push(`left over: ${[...timers.keys()].join()}`);
    }
    const records = net.phones.flatMap((phone) => phone.records.map(({ callId }) => ({ phone, callId })));
    for (const { phone, callId } of records)
      if (this.begun.get(callId) !== phone) net.violations.push(`${callId} is written by who did not begin it`);
    if (new Set(records.map(({ callId }) => callId)).size < records.length) net.violations.push('written twice');
    return net.violations;
  }

  /** Everybody sees the same devices in the same call. */
  checkSight({ state, party, isMember }: GroupPhone, inIt: readonly GroupPhone[]): void {
    const expected = isMember ? inIt.map((phone) => phone.party.device).sort() : [];
    const seen = state.calls.flatMap(({ others, mine }) => [
      ...others.map((other) => other.party.device),
      ...(mine ? [party.device] : []),
    ]);
    if (seen.sort().join() !== expected.join()) this.net.violations.push(`${party.device} sees ${seen.join()}`);
    const ids = new Set([
      ...inIt.map((phone) => ownCall(phone.state)?.callId),
      ...state.calls.map((one) => one.callId),
    ]);
    if (ids.size > 1) this.net.violations.push('two calls are left');
  }

  /** The others have what it seals with, and nobody else was ever told that. */
  checkKeys({ state, party }: GroupPhone, inIt: readonly GroupPhone[]): void {
    const key = ownCall(state)?.mine.key.key.join() ?? '';
    const others = inIt.filter((phone) => phone.party.device !== party.device);
    const told = [...(this.net.told.get(key) ?? [])].sort().join();
    if (
      told !==
      others
        .map((phone) => phone.party.device)
        .sort()
        .join()
    )
      this.net.violations.push(`a key of ${party.device} was told to ${told}`);
    for (const other of others) {
      const call = ownCall(other.state);
      const link = call && talkingTo(call).find((one) => one.party.device === party.device)?.link;
      if (link?.keys.at(-1)?.key.join() !== key) this.net.violations.push(`${other.party.device} lacks a key`);
      if (link !== undefined && link.signals.unacked.length > 0) this.net.violations.push('signals do not arrive');
    }
  }
}

it('S-GCALL-8 calls of a group through a bad network come to the same for everybody', { timeout: 60_000 }, () => {
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
});
