/**
 * What is kept on disk of calls of groups: of each that this device began, what is to be written if nothing more happens; and
 * the ids of those that are not to ring any more.
 */
import type { CallId } from '../../api-phone.ts';
import type { Batch } from '../../batch.ts';
import { prefixRange, storeKey } from '../../ports/store-key.ts';
import type { Store } from '../../ports/store.ts';
import { pack, unpack } from '../../values.ts';
import type { EndedCall } from '../records.ts';

const ROWS = 'group-phone';
const QUIET = storeKey('group-phone-quiet');

export function keepGroupCall(batch: Batch, call: EndedCall): void {
  batch.put('meta', storeKey(ROWS, call.callId), pack(call));
}

export function forgetGroupCall(batch: Batch, callId: CallId): void {
  batch.delete('meta', storeKey(ROWS, callId));
}

/** Calls that are to be written down: those that are over, and those that an earlier run left on. */
export async function unwrittenGroupCalls(
  store: Store,
  isOn: (callId: CallId) => boolean,
): Promise<readonly EndedCall[]> {
  const rows = (await store.range('meta', prefixRange(ROWS))).map(({ value }) => unpack<EndedCall>(value));
  return rows.filter(({ callId }) => !isOn(callId));
}

export function keepQuiet(batch: Batch, quiet: readonly CallId[]): void {
  batch.put('meta', QUIET, pack(quiet));
}

/** Oldest first. */
export async function loadQuiet(store: Store): Promise<readonly CallId[]> {
  const bytes = await store.get('meta', QUIET);
  return bytes === undefined ? [] : unpack<readonly CallId[]>(bytes);
}
