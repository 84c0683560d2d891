/** Members of a group for the tests: one sender, and what each receiver was told. */
import {
  acceptDistribution,
  type ChatId,
  createAccount,
  createDevice,
  createGroupSecret,
  createSenderKey,
  type Device,
  distributionOf,
  groupChatId,
  groupHeaderKey,
  type GroupOpened,
  type GroupOpenError,
  openFromGroup,
  type ReceivedSenderKey,
  type Result,
  type SenderKey,
  type SenderKeyOwner,
  utf8,
} from '../../src/index.ts';
import { type GroupSealed, sealToGroup } from '../../src/group/seal.ts';
import { AD, must, NOW, randomOf } from './world.ts';

/** A group with one sender in it. */
export function createGroup(seed = 1) {
  const random = randomOf(seed);
  const [founder, device] = [createAccount(random), createDevice(random)];
  const chatId = groupChatId(founder.publicKey, random(16));
  const headerKey = groupHeaderKey(createGroupSecret(random));
  return { random, founder, device, chatId, headerKey, senderKey: createSenderKey({ random, now: NOW }) };
}

/** The owner of a sender key: this device in this chat. */
export function ownerOf({ device, chatId }: { readonly device: Device; readonly chatId: ChatId }): SenderKeyOwner {
  return { chatId, deviceId: device.id };
}

/** What a member has after it was told the sender key as it now is. */
export function told(senderKey: SenderKey, owner: SenderKeyOwner): ReceivedSenderKey {
  return must(acceptDistribution(distributionOf(senderKey, owner), owner));
}

/** Seals `count` texts: '0', '1', ... */
export function sealMany(senderKey: SenderKey, count: number, random = randomOf(9)) {
  const sealed: GroupSealed[] = [];
  let next = senderKey;
  for (let index = 0; index < count; index++) {
    const one = sealToGroup(next, { plaintext: utf8(String(index)), ad: AD, random });
    sealed.push(one);
    next = one.next;
  }
  return { next, messages: sealed.map(({ message }) => message) };
}

export function openAt(
  received: ReceivedSenderKey,
  message: Uint8Array,
  now = NOW,
): Result<GroupOpened, GroupOpenError> {
  return openFromGroup(received, { message, ad: AD, now });
}

export function textOf({ plaintext }: GroupOpened): string {
  return new TextDecoder().decode(plaintext);
}

/** The element; throws when there is none, which a test that calls this does not expect. */
export function at<T>(list: readonly T[], index: number): T {
  const one = list[index];
  if (one === undefined) throw new Error(`nothing at ${index}`);
  return one;
}
