/** What an honest relay or contact would not have done, kept until the user dismisses it. Bounded: the oldest goes. */
import type { Alarm, AlarmType } from '../api.ts';
import type { Batch } from '../batch.ts';
import { storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { type Readable, Source } from '../readable.ts';
import { pack, unpack } from '../values.ts';

const LIMIT = 200;

export interface AlarmInput {
  readonly type: AlarmType;
  readonly who: Alarm['who'];
  readonly accountId?: string;
  readonly chatId?: string;
}

export class Alarms {
  readonly #list = new Source<readonly Alarm[]>([]);

  get list(): Readable<readonly Alarm[]> {
    return this.#list;
  }

  async load(store: Store): Promise<void> {
    const rows = await store.range('alarms', {});
    this.#list.set(rows.map((row) => unpack<Alarm>(row.value)).sort((a, b) => a.time - b.time));
  }

  /** Raises an alarm; one that is on the list already stays as it is. */
  raise(batch: Batch, input: AlarmInput, now: number): void {
    const id = [input.type, input.accountId ?? '', input.chatId ?? ''].join('.');
    if (this.#list.get().some((alarm) => alarm.id === id)) return;
    const alarm: Alarm = { ...input, id, time: now };
    batch.put('alarms', storeKey(id), pack(alarm));
    const dropped = this.#list.get().slice(0, Math.max(0, this.#list.get().length + 1 - LIMIT));
    for (const old of dropped) batch.delete('alarms', storeKey(old.id));
    batch.then(() => {
      this.#list.set([...this.#list.get().filter((a) => !dropped.includes(a) && a.id !== id), alarm]);
    });
  }

  dismiss(batch: Batch, id: string): void {
    batch.delete('alarms', storeKey(id));
    batch.then(() => {
      this.#list.set(this.#list.get().filter((alarm) => alarm.id !== id));
    });
  }
}
