/**
 * Sealing for a group and opening there, without any envelope around: our sender keys and libsignal's, round by round in
 * one process, on the same plaintext. Microseconds of CPU a message, medians of the rounds.
 */
import { randomUUID } from 'node:crypto';
import {
  ProtocolAddress,
  SenderKeyDistributionMessage,
  type SenderKeyRecord,
  SenderKeyStore,
  groupDecrypt,
  groupEncrypt,
  processSenderKeyDistributionMessage,
} from '@signalapp/libsignal-client';
import {
  type ChatId,
  acceptDistribution,
  createDevice,
  createSenderKey,
  distributionOf,
  openFromGroup,
  systemRandom,
} from '@securechat/crypto';
import { sealToGroup } from '../../crypto/src/group/seal.ts';
import { PAYLOAD_AD } from '../../sync/src/outbox/courier.ts';
import { median } from '../table.ts';
import { cpuOf } from './cpu-of.ts';

const ROUNDS = 7;
const MESSAGES = 200;

export interface SenderKeyTimes {
  readonly seal: number;
  readonly open: number;
}

/** Seals so many messages, and opens them at one recipient. Rejects when one does not come back as it was. */
interface Subject {
  seal(count: number): Promise<readonly Uint8Array[]>;
  open(messages: readonly Uint8Array[]): Promise<void>;
}

export async function compareSenderKeys(
  plaintext: Uint8Array,
): Promise<{ readonly ours: SenderKeyTimes; readonly libsignals: SenderKeyTimes }> {
  const subjects = [ourSubject(plaintext), await libsignalSubject(plaintext)] as const;
  const rounds: [SenderKeyTimes, SenderKeyTimes][] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push([await timesOf(subjects[0]), await timesOf(subjects[1])]);
  const middle = (which: 0 | 1): SenderKeyTimes => ({
    seal: median(rounds.map((round) => round[which].seal)),
    open: median(rounds.map((round) => round[which].open)),
  });
  return { ours: middle(0), libsignals: middle(1) };
}

async function timesOf(subject: Subject): Promise<SenderKeyTimes> {
  let messages: readonly Uint8Array[] = [];
  const seal = await cpuOf(async () => {
    messages = await subject.seal(MESSAGES);
  });
  const open = await cpuOf(() => subject.open(messages));
  return { seal: (1000 * seal) / MESSAGES, open: (1000 * open) / MESSAGES };
}

function ourSubject(plaintext: Uint8Array): Subject {
  const [random, ad, now] = [systemRandom, PAYLOAD_AD, Date.now()];
  const owner = { chatId: 'a'.repeat(22) as ChatId, deviceId: createDevice(random).id };
  let own = createSenderKey({ random, now });
  const told = acceptDistribution(distributionOf(own, owner), owner);
  if (!told.ok) throw new Error(told.error.type);
  let theirs = told.value;
  return {
    seal(count) {
      const messages = Array.from({ length: count }, () => {
        const { next, message } = sealToGroup(own, { plaintext, ad, random });
        own = next;
        return message;
      });
      return Promise.resolve(messages);
    },
    open(messages) {
      for (const message of messages) {
        const opened = openFromGroup(theirs, { message, ad, now });
        if (!opened.ok) throw new Error(opened.error.type);
        theirs = opened.value.next;
        check(opened.value.plaintext, plaintext);
      }
      return Promise.resolve();
    },
  };
}

async function libsignalSubject(plaintext: Uint8Array): Promise<Subject> {
  const [sender, group] = [ProtocolAddress.new(randomUUID(), 1), randomUUID()];
  const [own, theirs] = [new MemorySenderKeys(), new MemorySenderKeys()];
  const told = await SenderKeyDistributionMessage.create(sender, group, own);
  await processSenderKeyDistributionMessage(sender, told, theirs);
  return {
    async seal(count) {
      const messages: Uint8Array[] = [];
      while (messages.length < count)
        messages.push((await groupEncrypt(sender, group, own, new Uint8Array(plaintext))).serialize());
      return messages;
    },
    async open(messages) {
      for (const message of messages) check(await groupDecrypt(sender, theirs, new Uint8Array(message)), plaintext);
    },
  };
}

class MemorySenderKeys extends SenderKeyStore {
  readonly #records = new Map<string, SenderKeyRecord>();

  override saveSenderKey(sender: ProtocolAddress, group: string, record: SenderKeyRecord): Promise<void> {
    this.#records.set(`${sender.name()} ${group}`, record);
    return Promise.resolve();
  }

  override getSenderKey(sender: ProtocolAddress, group: string): Promise<SenderKeyRecord | null> {
    return Promise.resolve(this.#records.get(`${sender.name()} ${group}`) ?? null);
  }
}

function check(opened: Uint8Array, plaintext: Uint8Array): void {
  if (Buffer.compare(opened, plaintext) !== 0) throw new Error('opened as something else');
}
