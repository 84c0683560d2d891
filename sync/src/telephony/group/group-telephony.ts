/**
 * The calls of groups on a device: hands what happens to the state machine, and does what that wants done. All of a step is one
 * commit; memory and timers change after it. Who is a member is asked of the group's acts at every word (SPEC, "Calls of
 * groups"). Knows nothing of microphones, connections and frames, which are in the tab that holds the call.
 */
import type { AccountId, ChatId, Random } from '@securechat/crypto';
import type { GroupCallView, GroupCallWire } from '../../api-group-call.ts';
import { type Batch, inBatch } from '../../batch.ts';
import type { Self } from '../../connection/home.ts';
import type { GroupBook } from '../../groups/group-book.ts';
import type { Sender } from '../../inbox/intake.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import type { GroupCallPart } from '../../payload/group-call-parts.ts';
import { type Peers, devicesOf } from '../../peers/peers.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { CallTimers } from '../call-timers.ts';
import type { EndedCall } from '../records.ts';
import type { Party } from '../state.ts';
import type { GroupCallEvent, GroupEffect, GroupFacts, GroupStep, GroupTimerName } from './events.ts';
import { groupCallViews, groupCallWireOf } from './group-call-view.ts';
import { groupStep } from './machine.ts';
import { type GroupCallState, NO_GROUP_CALLS, ownCall, quietCalls } from './state.ts';
import { forgetGroupCall, keepGroupCall, keepQuiet, loadQuiet, unwrittenGroupCalls } from './stored-group-calls.ts';

const KEY_BYTES = 32;

export interface GroupTelephonyOptions {
  readonly self: Self;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly outbox: Pick<Outbox, 'tell' | 'addForGroup'>;
  readonly peers: Pick<Peers, 'get'>;
  readonly book: Pick<GroupBook, 'stateOf' | 'isMember' | 'mayWrite'>;
  readonly isBlocked: (accountId: AccountId) => boolean;
  readonly nameOf: (accountId: AccountId) => string;
  readonly titleOf: (chatId: ChatId) => string;
  /** This device is in a call of two. */
  readonly isInCall: () => boolean;
  /** Lane job: writes a call into its group's talk; `along` is part of the same commit. */
  readonly write: (call: EndedCall, along: (batch: Batch) => void) => Promise<unknown>;
  /** After a commit: calls look different. */
  readonly changed: () => void;
  readonly kick: () => void;
  readonly background: (job: () => Promise<void>) => void;
}

/** What the user, or the tab that holds a call, wants. */
export type GroupWish = Exclude<GroupCallEvent, { readonly type: 'heard' | 'timer' | 'roster' }>;

export class GroupTelephony {
  readonly #options: GroupTelephonyOptions;
  readonly #me: Party;
  readonly #timers: CallTimers<GroupTimerName>;
  #state: GroupCallState = NO_GROUP_CALLS;

  constructor(options: GroupTelephonyOptions) {
    this.#options = options;
    const { clock, background } = options;
    this.#timers = new CallTimers({ clock, background, wake: this.#wake });
    const { account, device } = options.self.identity;
    this.#me = { account: account.id, device: device.id };
  }

  async load(): Promise<void> {
    this.#state = { ...NO_GROUP_CALLS, rung: await loadQuiet(this.#options.store) };
  }

  /** Lane job: writes down what is over, also what an earlier run left on. Harmless to repeat. */
  readonly writeDown = async (): Promise<void> => {
    const { store, write } = this.#options;
    const isOn = (callId: string): boolean => ownCall(this.#state)?.callId === callId;
    for (const call of await unwrittenGroupCalls(store, isOn))
      await write(call, (batch) => {
        forgetGroupCall(batch, call.callId);
      });
  };

  stop(): void {
    this.#timers.stop();
  }

  /** This device is in a call of a group. */
  get isInCall(): boolean {
    return ownCall(this.#state) !== undefined;
  }

  /** Calls that are on, newest first. */
  get calls(): readonly GroupCallView[] {
    const { nameOf, titleOf } = this.#options;
    return groupCallViews(this.#state, { nameOf, titleOf, me: this.#me });
  }

  /** What the tab of this name needs to connect; null: it holds none. */
  wire(holder: string): GroupCallWire | null {
    return groupCallWireOf(this.#state, holder, this.#me.device);
  }

  /** Lane job. Answers why it cannot be, or the id of the call that this device is in then. */
  async wish(event: GroupWish): Promise<{ readonly error?: GroupStep['error']; readonly callId?: string }> {
    const error = await inBatch(this.#options.store, (batch) => this.#happens(event, batch));
    this.#options.kick();
    const callId = ownCall(this.#state)?.callId;
    return { ...(error !== undefined && { error }), ...(callId !== undefined && { callId }) };
  }

  /** Part of the intake's job: only of who is a member of the group now, as this account is. */
  take({ chatId, callId, word }: GroupCallPart, { accountId, deviceId }: Sender, batch: Batch): void {
    const { book, isBlocked, kick } = this.#options;
    if (!book.isMember(chatId, accountId) || !book.isMember(chatId, this.#me.account)) return;
    const from = { account: accountId, device: deviceId };
    const about = { isBlocked: isBlocked(accountId), mayBegin: book.mayWrite(chatId, accountId) };
    this.#happens({ type: 'heard', from, ...about, chatId, callId, word }, batch);
    batch.then(kick);
  }

  /** Who is a member, which devices they have, or whom the user blocked, may be different. */
  reconsider(): void {
    if (this.#state.calls.length === 0) return;
    this.#options.background(async () => {
      await inBatch(this.#options.store, (batch) => {
        for (const { chatId } of this.#state.calls) this.#happens(this.#rosterOf(chatId, batch), batch);
      });
      this.#options.kick();
    });
  }

  /** This device may not talk to anybody any more. */
  leaveAll(): void {
    this.#options.background(() =>
      inBatch(this.#options.store, (batch) => {
        for (const { chatId } of this.#state.calls)
          this.#happens({ type: 'roster', chatId, devices: [], blocked: [] }, batch);
      }),
    );
  }

  #rosterOf(chatId: ChatId, batch: Batch): GroupCallEvent {
    const { book, peers, isBlocked } = this.#options;
    const members = [...(book.stateOf(chatId)?.members.keys() ?? [])];
    const devices = members.flatMap((account): readonly Party[] => {
      const peer = peers.get(account, batch);
      const theirs = peer === undefined ? [] : devicesOf(peer).map(({ id: device }) => ({ account, device }));
      return account === this.#me.account ? [...theirs, this.#me] : theirs;
    });
    return { type: 'roster', chatId, devices, blocked: members.filter(isBlocked) };
  }

  #happens(event: GroupCallEvent, batch: Batch): GroupStep['error'] {
    const before = this.#state;
    const { state, effects, error } = groupStep(before, event, this.#facts());
    if (error !== undefined) return error;
    this.#state = state;
    batch.undo(() => {
      this.#state = before;
    });
    const quiet = quietCalls(state);
    if (quiet.join() !== quietCalls(before).join()) keepQuiet(batch, quiet);
    for (const effect of effects) this.#does(effect, batch);
    if (state !== before) batch.then(this.#options.changed);
    return undefined;
  }

  #facts(): GroupFacts {
    const { clock, random, isInCall } = this.#options;
    const fresh = { first: random(KEY_BYTES), next: random(KEY_BYTES) };
    return { now: clock.now(), me: this.#me, fresh, isInCall: isInCall() };
  }

  #does(effect: GroupEffect, batch: Batch): void {
    switch (effect.type) {
      case 'sayAll':
        this.#options.outbox.addForGroup(batch, {
          ...{ groupId: effect.part.chatId, ephemeral: true, parts: [effect.part] },
        });
        return;
      case 'tell':
        this.#tell(effect, batch);
        return;
      case 'tellOwn':
        this.#options.outbox.tell(batch, {
          ...{ accountId: this.#me.account, parts: [effect.part], ephemeral: true },
          topic: topicOf(effect.part),
        });
        return;
      case 'timer':
        batch.then(() => {
          this.#timers.arm(effect.callId, effect.name, effect.ms);
        });
        return;
      case 'stop':
        batch.then(() => {
          this.#timers.disarm(effect.callId, effect.name);
        });
        return;
      case 'keep':
        keepGroupCall(batch, effect.call);
        return;
      case 'forget':
        forgetGroupCall(batch, effect.callId);
        return;
      case 'record':
        keepGroupCall(batch, effect.record);
        batch.then(() => {
          this.#options.background(this.writeDown);
        });
        return;
    }
  }

  #tell({ to, part }: Extract<GroupEffect, { type: 'tell' }>, batch: Batch): void {
    this.#options.outbox.tell(batch, {
      ...{ accountId: to.account, deviceId: to.device, parts: [part] },
      ...{ ephemeral: true, topic: topicOf(part) },
    });
  }

  readonly #wake = async (callId: string, name: GroupTimerName): Promise<void> => {
    await inBatch(this.#options.store, (batch) => {
      this.#happens({ type: 'timer', callId, name }, batch);
    });
    this.#options.kick();
  };
}

/** Of each kind of word about a call only the latest is worth saying, but for signals. */
function topicOf({ word, callId }: GroupCallPart): string {
  return `groupCall:${callId}:${word.type === 'signal' ? `signal:${String(word.seq)}` : word.type}`;
}
