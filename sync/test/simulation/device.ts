/** One person's device in the world: the real client over stores in memory that survive its crashes. */
import { type Random, seededRandom } from '@securechat/crypto';
import { createMemoryDeviceSecret } from '../../src/adapters/memory-device-secret.ts';
import { type MemoryStore, createMemoryStore } from '../../src/adapters/memory-store.ts';
import type { MessageItem, TimelinePage } from '../../src/api.ts';
import { type Client, createClient } from '../../src/client.ts';
import { createMemoryStorageAdapter } from '../../src/documents/index.ts';
import type { Engine } from '../../src/engine.ts';
import { QuotaExceededError } from '../../src/ports/store-error.ts';
import { OwnedClock } from './clock.ts';
import type { Dice } from './dice.ts';
import { Line } from './line.ts';
import type { World } from './world.ts';

/** Thrown by the store of a device that was told to crash at its n-th write. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Whether an error is a planned crash, also under the name that a storage seam gave it. */
export function isCrash(error: unknown): boolean {
  return error instanceof Crash || (error instanceof Error && error.cause instanceof Crash);
}

type Storage = ReturnType<typeof createMemoryStorageAdapter>;

/** Small, so that a story sees several segments, and cheap: each pre-key costs a key pair of ML-KEM. */
const SEGMENT_SIZE = 12;
const ONE_TIME_PREKEYS = 6;
const VAULT_COST = { operations: 1, memoryKiB: 8 };

export class SimulatedDevice {
  readonly name: string;
  line: Line;
  readonly #world: World;
  readonly #dice: Dice;
  #skew: number;
  readonly #random: Random;
  readonly #secret: ReturnType<typeof createMemoryDeviceSecret>;
  #clock: OwnedClock;
  #store: MemoryStore;
  #storage: Storage;
  #client: Client | undefined;
  #passphrase: string | undefined;
  #maybePassphrase: string | undefined;
  #isLocked = false;
  #deviceId: string | undefined;
  readonly #onCrash = new Set<() => void>();
  /** Writes until the crash; undefined: none planned. */
  #fuse: number | undefined;
  /** The disk takes nothing more. */
  isFull = false;
  /** A crash happened and the device was not opened again yet. */
  isDown = false;
  /** What broke it, if anything did that was not a planned crash. */
  failure: unknown;

  constructor(world: World, dice: Dice, name: string, seed: number) {
    this.#world = world;
    this.#dice = dice;
    this.name = name;
    this.#skew = Math.round(dice.between(-60_000, 60_000));
    const key = new Uint8Array(32);
    new DataView(key.buffer).setUint32(0, seed);
    key.set(new TextEncoder().encode(name).slice(0, 16), 8);
    this.#random = seededRandom(key);
    this.#secret = createMemoryDeviceSecret(this.#random);
    this.#clock = new OwnedClock(world.clock, this.#skew);
    this.line = new Line(world, dice, name);
    this.#store = createMemoryStore({ beforeWrite: this.#beforeWrite });
    this.#storage = createMemoryStorageAdapter({ beforeWrite: this.#beforeWrite });
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error(`${this.name} is not open`);
    return this.#client;
  }

  get engine(): Engine | undefined {
    return this.#client?.engine;
  }

  /** Its id as it was when last seen open: others may want to unlink a device that is off. */
  get lastDeviceId(): string | undefined {
    this.#deviceId = this.engine?.self.identity.device.id ?? this.#deviceId;
    return this.#deviceId;
  }

  /** Its user locked it. A locked device that crashes is opened with its passphrase. */
  get isLocked(): boolean {
    return !this.isDown && this.#isLocked;
  }

  get isOpen(): boolean {
    return !this.isDown && this.engine !== undefined;
  }

  async open(): Promise<void> {
    this.isDown = false;
    this.#client = await createClient({
      store: this.#store,
      storage: this.#storage,
      eraseStorage: () => this.#storage.removeRange([]),
      deviceSecret: this.#secret,
      link: this.line,
      clock: this.#clock,
      random: this.#random,
      segmentSize: SEGMENT_SIZE,
      oneTimePreKeys: ONE_TIME_PREKEYS,
      vaultCost: VAULT_COST,
      onError: (error) => {
        if (!isCrash(error)) this.failure = error;
      },
    });
    await this.unlock(); // if it has a passphrase; else it is open
  }

  /** Closes as a user does, and opens again from what is stored. */
  async restart(): Promise<void> {
    await this.client.close();
    this.crash();
    await this.open();
  }

  /** Sets the device's clock, `skew` ms from the true time; what was planned stays planned. */
  setClock(skew: number): void {
    this.#skew = skew;
    this.#clock.skew = skew;
  }

  /** Locks an open device, after giving it this passphrase if it has none. */
  async lock(passphrase: string): Promise<void> {
    if (!this.isOpen) return;
    const { client } = this;
    if (this.#passphrase === undefined) {
      const given = await client.call('setPassphrase', { next: passphrase }).catch(() => undefined);
      if (given?.ok === true) this.#passphrase = passphrase;
      // A crash in the middle: which of the two it was shows when it is opened.
      else if (this.isDown) this.#maybePassphrase = passphrase;
    }
    const locked = await client.call('lock', null).catch(() => undefined);
    this.#isLocked = locked?.ok === true;
  }

  async unlock(): Promise<void> {
    const passphrase = this.#passphrase ?? this.#maybePassphrase;
    if (this.isDown || passphrase === undefined) return;
    const answer = await this.client.call('unlock', { passphrase }).catch(() => undefined);
    if (answer?.ok !== true) return;
    this.#passphrase = passphrase;
    this.#isLocked = false;
  }

  /** Crashes at the n-th write from now, document or store, whatever it is part of. */
  crashAtWrite(n: number): void {
    this.#fuse = n;
  }

  disarm(): void {
    this.#fuse = undefined;
  }

  /** As SIGKILL: memory is gone, storage stays as it is, nothing that ran goes on. */
  crash(): void {
    if (this.isDown) return;
    this.#deviceId = this.lastDeviceId;
    this.isDown = true;
    this.#fuse = undefined;
    for (const onCrash of this.#onCrash) onCrash();
    this.#onCrash.clear();
    this.#clock.kill();
    this.line.kill();
    const old = this.#client;
    this.#client = undefined;
    // The old object still holds references to the old stores; the new process gets copies that it cannot touch.
    const [store, storage] = [this.#store.snapshot(), this.#storage.snapshot()];
    void old;
    this.#store = createMemoryStore({ beforeWrite: this.#beforeWrite, snapshot: store });
    this.#storage = createMemoryStorageAdapter({ beforeWrite: this.#beforeWrite, snapshot: storage });
    this.#clock = new OwnedClock(this.#world.clock, this.#skew);
    this.line = new Line(this.#world, this.#dice, this.name);
  }

  /** Rows and document chunks on the disk. */
  get stored(): number {
    const rows = [...this.#store.snapshot().values()].reduce((sum, table) => sum + table.size, 0);
    return rows + this.#storage.snapshot().size;
  }

  /** Deletes all ratchet states from the disk of a device that is down. */
  async forgetSessions(): Promise<void> {
    this.isDown = false;
    await this.#store.commit([{ op: 'deleteRange', table: 'sessions', from: '', to: '\uffff' }]);
    this.isDown = true;
  }

  /** The messages of a chat as the app would show them. */
  async timeline(chatId: string): Promise<readonly MessageItem[]> {
    const page = await this.#page(chatId);
    return page.items.filter((item) => item.type === 'message');
  }

  /** Rejects when the device crashes meanwhile: a dead process shows nothing more. */
  #page(chatId: string): Promise<TimelinePage> {
    return new Promise((resolve, reject) => {
      let stop: () => void = () => undefined;
      const onCrash = (): void => {
        reject(new Crash());
      };
      this.#onCrash.add(onCrash);
      stop = this.client.watch('timeline', { chatId, anchor: 'end', older: 399, newer: 0 }, (page) => {
        this.#onCrash.delete(onCrash);
        resolve(page);
        queueMicrotask(() => {
          stop();
        });
      });
    });
  }

  readonly #beforeWrite = (): void => {
    if (this.isDown) throw new Crash();
    if (this.isFull) throw new QuotaExceededError('full');
    if (this.#fuse === undefined) return;
    this.#fuse -= 1;
    if (this.#fuse > 0) return;
    this.crash();
    throw new Crash();
  };
}
