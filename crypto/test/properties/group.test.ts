/**
 * A group whose devices send over a network that delays, reorders, duplicates, drops and damages, while new ones are told
 * the sender keys and stored states are loaded again. A plain model says what must come out at whom.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createSenderKey,
  decodeReceivedSenderKey,
  decodeSenderKey,
  encodeReceivedSenderKey,
  encodeSenderKey,
  openFromGroup,
  openGroupEnvelope,
  ready,
  type ReceivedSenderKey,
  sealGroupEnvelope,
  type SenderKey,
  utf8,
} from '../../src/index.ts';
import { createGroup, ownerOf, told } from '../support/group.ts';
import { AD, flip, must, NOW } from '../support/world.ts';

beforeAll(ready);

const SENDERS = 2;
const number = fc.nat(10_000);
type Step = readonly ['say' | 'deliver' | 'damage' | 'join' | 'reload', number, number];
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant('say' as const), number, number) },
  { weight: 12, arbitrary: fc.tuple(fc.constant('deliver' as const), number, number) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('damage' as const), number, number) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('join' as const), number, number) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('reload' as const), number, number) },
);

interface Sent {
  readonly sender: number;
  readonly index: number;
  readonly envelope: Uint8Array;
}

/** What a member has, and what the model expects of it: the places it was told at, and what it opened. */
interface Member {
  readonly keys: ReceivedSenderKey[];
  readonly from: readonly number[];
  readonly opened: Set<string>;
}

class Group {
  readonly group;
  readonly senders: SenderKey[];
  readonly members: Member[] = [];
  readonly sent: Sent[] = [];
  readonly messageKeys = new Set<string>();

  constructor(seed: number) {
    this.group = createGroup(seed);
    const { random } = this.group;
    this.senders = Array.from({ length: SENDERS }, () => createSenderKey({ random, now: NOW }));
    this.join();
  }

  run([type, a, b]: Step): void {
    const one = this.sent[a % Math.max(1, this.sent.length)];
    const member = this.members[b % this.members.length];
    if (type === 'say') this.say(a % SENDERS);
    else if (type === 'join') this.join();
    else if (type === 'reload') this.reload();
    else if (one !== undefined && member !== undefined) {
      if (type === 'deliver') this.deliver(one, member);
      else this.damage(one, member, a * 31 + b);
    }
  }

  say(sender: number): void {
    const senderKey = this.senders[sender];
    if (senderKey === undefined) throw new Error('no such sender');
    const { index } = senderKey.chain;
    const { headerKey, random } = this.group;
    const input = { senderKey, headerKey, plaintext: utf8(`${sender} ${index}`), ad: AD, random };
    const { next, spent, envelope } = sealGroupEnvelope(input);
    const key = Buffer.from(spent[0] ?? []).toString('hex');
    expect(this.messageKeys.has(key)).toBe(false);
    this.messageKeys.add(key);
    this.senders[sender] = next;
    this.sent.push({ sender, index, envelope });
  }

  join(): void {
    const keys = this.senders.map((senderKey) => told(senderKey, ownerOf(this.group)));
    this.members.push({ keys, from: this.senders.map(({ chain }) => chain.index), opened: new Set() });
  }

  deliver({ sender, index, envelope }: Sent, member: Member): void {
    const before = member.keys.map(encodeReceivedSenderKey);
    const text = `${sender} ${index}`;
    const outcome = this.open(envelope, member);
    if (index < (member.from[sender] ?? 0) || member.opened.has(text)) {
      expect(outcome).toBe('AlreadyOpened');
      expect(member.keys.map(encodeReceivedSenderKey)).toEqual(before);
      return;
    }
    expect(outcome).toBe(`opened ${text}`);
    member.opened.add(text);
  }

  damage({ envelope }: Sent, member: Member, bit: number): void {
    const before = member.keys.map(encodeReceivedSenderKey);
    expect(this.open(flip(envelope, bit % (envelope.length * 8)), member)).toMatch(
      /^(Malformed|NotForThisGroup|Forged)$/,
    );
    expect(member.keys.map(encodeReceivedSenderKey)).toEqual(before);
  }

  /** As a client would: the envelope, the sender key that it names, the message; then the new state is kept. */
  open(envelope: Uint8Array, member: Member): string {
    const outer = openGroupEnvelope(envelope, this.group.headerKey);
    if (!outer.ok) return outer.error.type;
    const { keyId, message } = outer.value;
    const place = member.keys.findIndex((key) => key.keyId === keyId);
    const received = member.keys[place];
    if (received === undefined) return 'UnknownKey';
    const opened = openFromGroup(received, { message, ad: AD, now: NOW });
    if (!opened.ok) return opened.error.type;
    member.keys[place] = opened.value.next;
    return `opened ${new TextDecoder().decode(opened.value.plaintext)}`;
  }

  reload(): void {
    for (const [place, key] of this.senders.entries())
      this.senders[place] = must(decodeSenderKey(encodeSenderKey(key)));
    for (const { keys } of this.members)
      for (const [place, key] of keys.entries())
        keys[place] = must(decodeReceivedSenderKey(encodeReceivedSenderKey(key)));
  }
}

describe('any group', () => {
  it('C-GROUP-3 whatever is delayed, reordered, doubled, dropped or damaged, each member opens each message once', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.array(step, { minLength: 10, maxLength: 60 }), (seed, steps) => {
        const group = new Group(seed);
        for (const one of steps) group.run(one);
        // In the end everything arrives, latest first.
        for (const member of group.members) for (const one of group.sent.toReversed()) group.deliver(one, member);
      }),
      { seed: 45, numRuns: 80 },
    );
  });
});
