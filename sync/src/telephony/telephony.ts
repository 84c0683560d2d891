/**
 * The telephone of a device: hands what happens to the state machine, and does what that wants done. All of a step is one
 * commit; memory and timers change after it. Knows contacts by their accounts, and nothing of microphones or connections,
 * which are in the tab that holds the call (SPEC, "Calls").
 */
import { type AccountId, type DeviceId, directChatId } from '@securechat/crypto';
import type { CallElsewhere, CallView, CallWire, PhoneError } from '../api-phone.ts';
import { type Batch, inBatch } from '../batch.ts';
import type { Self } from '../connection/home.ts';
import type { Sender } from '../inbox/intake.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { PhonePart } from '../payload/phone-parts.ts';
import { type Peers, devicesOf } from '../peers/peers.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { CallTimers } from './call-timers.ts';
import { type Names, callElsewhereOf, callViewOf, callWireOf } from './call-view.ts';
import type { Effect, Facts, PhoneEvent, TimerName } from './events.ts';
import { step } from './machine.ts';
import type { EndedCall } from './records.ts';
import { type Call, NO_CALLS, type PhoneState, idOf } from './state.ts';
import { forgetCall, keepCall, keepEnded, keepOver, loadOver, unwrittenCalls } from './stored-calls.ts';

export interface TelephonyOptions extends Names {
  readonly self: Self;
  readonly store: Store;
  readonly clock: Clock;
  readonly outbox: Pick<Outbox, 'tell'>;
  readonly peers: Pick<Peers, 'get'>;
  readonly hasSiblings: () => boolean;
  /** A contact who has accepted, and is not blocked. */
  readonly isFriend: (accountId: AccountId) => boolean;
  /** This device is in a call of a group: then it is in no other one. */
  readonly isInGroupCall: () => boolean;
  /** Lane job: writes a call into its chat; `along` is part of the same commit. */
  readonly write: (call: EndedCall, along: (batch: Batch) => void) => Promise<unknown>;
  /** After a commit: calls look different. */
  readonly changed: () => void;
  readonly kick: () => void;
  readonly background: (job: () => Promise<void>) => void;
}

export class Telephony {
  readonly #options: TelephonyOptions;
  readonly #me: AccountId;
  readonly #timers: CallTimers<TimerName>;
  #state: PhoneState = NO_CALLS;

  constructor(options: TelephonyOptions) {
    this.#options = options;
    const { clock, background } = options;
    this.#timers = new CallTimers({ clock, background, wake: this.#wake });
    this.#me = options.self.identity.account.id;
  }

  async load(): Promise<void> {
    this.#state = { ...NO_CALLS, over: await loadOver(this.#options.store) };
  }

  /** Lane job: writes down what is over, also what an earlier run left on. Harmless to repeat. */
  readonly writeDown = async (): Promise<void> => {
    const { store, write } = this.#options;
    const { main } = this.#state;
    const isOn = (callId: string): boolean => main !== undefined && main.phase !== 'ended' && idOf(main) === callId;
    for (const call of await unwrittenCalls(store, isOn))
      await write(call, (batch) => {
        forgetCall(batch, call.callId);
      });
  };

  stop(): void {
    this.#timers.stop();
  }

  /** The call that this device is in; null: none. */
  get call(): CallView | null {
    return callViewOf(this.#state, this.#options);
  }

  /** The call that the user is in on another own device; null: none. */
  get elsewhere(): CallElsewhere | null {
    return callElsewhereOf(this.#state, this.#options);
  }

  /** The user talks, or waits for an answer: not while it only rings here. */
  get isInCall(): boolean {
    const phase = this.#state.main?.phase;
    return phase === 'dialling' || phase === 'moving' || phase === 'accepting' || phase === 'talking';
  }

  /** What the tab of this name needs to connect; null: nothing. */
  wire(holder: string): CallWire | null {
    return callWireOf(this.#state, holder);
  }

  /** Lane job: the user, or the tab that holds a call, wants something. Answers why it cannot be. */
  async wish(
    event: Exclude<PhoneEvent, { readonly type: 'heard' | 'timer' | 'left' }>,
  ): Promise<PhoneError | undefined> {
    const isAnother = event.type === 'start' || event.type === 'answer' || event.type === 'move';
    if (isAnother && this.#options.isInGroupCall()) return { type: 'InCall' };
    const error = await inBatch(this.#options.store, (batch) => this.#happens(event, batch));
    this.#options.kick();
    return error;
  }

  /** Part of the intake's job: of nobody but friends and own devices, and only about the chat of the two. */
  take({ chatId, callId, word }: PhonePart, from: Sender, batch: Batch): void {
    const isOwn = from.accountId === this.#me;
    // Where they talk themselves, own devices only say.
    if (word.type === 'here' && !isOwn) return;
    const peer = word.type === 'here' ? word.peer : from.accountId;
    const isOfTwo = this.#options.isFriend(peer) && chatId === directChatId(this.#me, peer);
    if (!isOfTwo && (!isOwn || word.type === 'here')) return;
    const { accountId: account, deviceId: device } = from;
    this.#happens({ type: 'heard', from: { account, device }, chatId, callId, word }, batch);
    batch.then(this.#options.kick);
  }

  /** The user decided something about an account. */
  decidedAbout(account: AccountId): void {
    if (!this.#isConcerned(account)) return;
    this.#options.background(() =>
      inBatch(this.#options.store, (batch) => {
        this.reconsider(account, batch);
      }),
    );
  }

  /** Part of a job: who of an account may talk may be different. */
  reconsider(account: AccountId, batch: Batch): void {
    if (!this.#isConcerned(account)) return;
    const devices = this.#options.isFriend(account) ? this.#devicesOf(account, batch).map(({ id }) => id) : [];
    this.#happens({ type: 'left', account, devices }, batch);
  }

  /** This device may not talk to anybody any more. */
  leaveAll(): void {
    this.#options.background(() =>
      inBatch(this.#options.store, (batch) => {
        for (const { peer } of this.#calls()) this.#happens({ type: 'left', account: peer, devices: [] }, batch);
      }),
    );
  }

  #isConcerned(account: AccountId): boolean {
    return this.#calls().some(({ peer }) => peer === account);
  }

  #calls(): readonly Pick<Call, 'peer'>[] {
    const { main, second, handover, elsewhere } = this.#state;
    return [main, second, handover, elsewhere].filter((call) => call !== undefined);
  }

  #happens(event: PhoneEvent, batch: Batch): PhoneError | undefined {
    const before = this.#state;
    const { state, effects, error } = step(before, event, this.#facts(event, batch));
    if (error !== undefined) return error;
    this.#state = state;
    batch.undo(() => {
      this.#state = before;
    });
    for (const effect of effects) this.#does(effect, batch);
    if (state !== before) batch.then(this.#options.changed);
    return undefined;
  }

  #facts(event: PhoneEvent, batch: Batch): Facts {
    const { self, clock, hasSiblings } = this.#options;
    const { account, device } = self.identity;
    const theirs = event.type === 'heard' ? event.from.account : this.#state.main?.peer;
    return {
      now: clock.now(),
      me: { account: account.id, device: device.id },
      hasSiblings: hasSiblings(),
      theirDevices: theirs === undefined ? 0 : this.#devicesOf(theirs, batch).length,
    };
  }

  #devicesOf(account: AccountId, batch: Batch): readonly { readonly id: DeviceId }[] {
    const peer = this.#options.peers.get(account, batch);
    return peer === undefined ? [] : devicesOf(peer);
  }

  #does(effect: Effect, batch: Batch): void {
    switch (effect.type) {
      case 'tell':
        this.#tell(effect, batch);
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
        keepCall(batch, effect.call);
        return;
      case 'forget':
        forgetCall(batch, effect.callId);
        return;
      case 'record':
        keepEnded(batch, effect.record);
        batch.then(() => {
          this.#options.background(this.writeDown);
        });
        return;
      case 'over':
        keepOver(batch, effect.over);
        return;
    }
  }

  /** Of each kind of word about a call only the latest is worth saying, but for signals. */
  #tell({ to, part }: Extract<Effect, { type: 'tell' }>, batch: Batch): void {
    const { word, callId } = part;
    const name = word.type === 'signal' ? `signal:${String(word.seq)}` : word.type;
    this.#options.outbox.tell(batch, {
      ...{ accountId: to.account, parts: [part], ephemeral: true, topic: `phone:${callId}:${name}` },
      ...(to.device !== undefined && { deviceId: to.device }),
    });
  }

  readonly #wake = async (callId: string, name: TimerName): Promise<void> => {
    await inBatch(this.#options.store, (batch) => {
      this.#happens({ type: 'timer', callId, name }, batch);
    });
    this.#options.kick();
  };
}
