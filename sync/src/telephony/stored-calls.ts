/** What the telephone keeps on disk: calls of ours that are on or not written down yet, and ids of calls that are over. */
import type { CallId } from '../api-phone.ts';
import type { Batch } from '../batch.ts';
import { prefixRange, storeKey } from '../ports/store-key.ts';
import type { Store } from '../ports/store.ts';
import { pack, unpack } from '../values.ts';
import { recordOfKept } from './outcome.ts';
import type { EndedCall } from './records.ts';
import type { KeptCall, OverCall } from './state.ts';

type Row = { readonly type: 'on'; readonly call: KeptCall } | { readonly type: 'over'; readonly call: EndedCall };

const OVER = storeKey('phone-over');

export function keepCall(batch: Batch, call: KeptCall): void {
  put(batch, { type: 'on', call });
}

/** It is over, and is to be written down. */
export function keepEnded(batch: Batch, call: EndedCall): void {
  put(batch, { type: 'over', call });
}

export function forgetCall(batch: Batch, callId: CallId): void {
  batch.delete('meta', storeKey('phone', callId));
}

export function keepOver(batch: Batch, over: readonly OverCall[]): void {
  batch.put('meta', OVER, pack(over));
}

export async function loadOver(store: Store): Promise<readonly OverCall[]> {
  const bytes = await store.get('meta', OVER);
  return bytes === undefined ? [] : unpack<readonly OverCall[]>(bytes);
}

/** Calls that are to be written down: those that are over, and those that an earlier run left on. */
export async function unwrittenCalls(store: Store, isOn: (callId: CallId) => boolean): Promise<readonly EndedCall[]> {
  const rows = (await store.range('meta', prefixRange('phone'))).map(({ value }) => unpack<Row>(value));
  return rows.flatMap((row) => {
    if (row.type === 'over') return [row.call];
    return isOn(row.call.callId) ? [] : [recordOfKept(row.call)];
  });
}

function put(batch: Batch, row: Row): void {
  batch.put('meta', storeKey('phone', row.call.callId), pack(row));
}
