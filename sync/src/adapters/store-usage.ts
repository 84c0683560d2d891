/**
 * How many bytes a table holds, without reading them all. Values under one prefix are alike, values under different
 * prefixes are not (a row has 300 bytes, a text block 30,000): so each prefix is counted and sampled by itself.
 */
import type { Range, Store, TableName } from '../ports/store.ts';

/** Prefixes told apart in one table; what lies behind them is taken together. */
const MOST_GROUPS = 24;
const SAMPLE = 48;

/** Exact for a few values, an estimate for many. Works on any store whose keys follow the grammar. */
export async function estimateBytes(store: Pick<Store, 'range' | 'count'>, table: TableName): Promise<number> {
  let sum = 0;
  let from = '';
  for (let groups = 0; groups < MOST_GROUPS; groups++) {
    const [first] = await store.range(table, { from, limit: 1 });
    if (first === undefined) return Math.round(sum);
    const to = groupEnd(first.key);
    sum += await estimateRange(store, table, { from: first.key, to });
    from = to;
  }
  return Math.round(sum + (await estimateRange(store, table, { from })));
}

/** After everything with the same first part; after the key itself when it has one part only. */
function groupEnd(key: string): string {
  const at = key.indexOf(':');
  return at < 0 ? `${key}\0` : `${key.slice(0, at)};`;
}

async function estimateRange(
  store: Pick<Store, 'range' | 'count'>,
  table: TableName,
  range: Pick<Range, 'from' | 'to'>,
): Promise<number> {
  const head = await store.range(table, { ...range, limit: SAMPLE });
  if (head.length < SAMPLE) return sizeOf(head);
  const sample = [...head, ...(await store.range(table, { ...range, limit: SAMPLE, reverse: true }))];
  return (sizeOf(sample) / sample.length) * (await store.count(table, range));
}

function sizeOf(entries: readonly { readonly value: Uint8Array }[]): number {
  return entries.reduce((sum, entry) => sum + entry.value.length, 0);
}
