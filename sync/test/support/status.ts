/** Statuses of simulated devices: posting, what is shown, and what is left of them on a disk. */
import type { AccountId, ChatId } from '@securechat/crypto';
import type { StatusAudience, StatusItem } from '../../src/api.ts';
import type { Part } from '../../src/payload/payload.ts';
import { TABLES } from '../../src/ports/store.ts';
import { StatusDocuments } from '../../src/statuses/status-documents.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { look } from '../simulation/setup.ts';
import { call } from './calls.ts';
import { accountOf } from './group.ts';

let next = 1;

/** Posts one text; answers its id. */
export async function post(device: SimulatedDevice, text: string, audience?: StatusAudience): Promise<string> {
  const id = `status-${String(next++)}`.padEnd(22, '-');
  const items = [{ type: 'text', text, colour: 3 }] as const;
  const { statusIds } = await call(device, 'postStatus', { id, items, ...(audience && { audience }) });
  return statusIds[0] ?? '';
}

/** What `device` is shown of an author's statuses, oldest first. */
export function shown(device: SimulatedDevice, author: SimulatedDevice): Promise<readonly StatusItem[]> {
  return look(device.client, 'statusesOf', { accountId: accountOf(author) });
}

export async function textsOf(device: SimulatedDevice, author: SimulatedDevice): Promise<readonly string[]> {
  return (await shown(device, author)).map(({ content }) => (content.type === 'text' ? content.text : content.caption));
}

/** Who saw a status of this device, with the times. */
export async function viewsOf(device: SimulatedDevice, statusId: string): Promise<readonly [string, number][] | null> {
  const viewers = await look(device.client, 'statusViewers', { statusId });
  return viewers && viewers.viewers.map(({ accountId, time }): [string, number] => [accountId, time]).sort();
}

/** Where these words, or the documents of these statuses, are on the device's disk still: unsealed, as the device itself reads it. */
export async function tracesOf(
  { engine }: SimulatedDevice,
  words: readonly string[],
  statusIds: readonly string[],
): Promise<readonly string[]> {
  if (engine === undefined) return ['not open'];
  const traces: string[] = [];
  // `meta` also holds the vault's own header, which is not sealed.
  for (const table of TABLES.filter((name) => name !== 'meta'))
    for (const { key, value } of await engine.store.range(table, {})) {
      const text = Buffer.from(value).toString('latin1');
      for (const word of words) if (text.includes(word)) traces.push(`${table} ${key}: ${word}`);
    }
  for (const { key, data } of await engine.storage.loadRange(['chat'])) {
    if (statusIds.includes(key[1] ?? '')) traces.push(`document ${key.join(' ')}`);
    const text = Buffer.from(data ?? new Uint8Array()).toString('latin1');
    for (const word of words) if (text.includes(word)) traces.push(`document ${key.join(' ')}: ${word}`);
  }
  return traces;
}

/** The whole of a status as its author's device tells it. */
export async function partOf({ engine }: SimulatedDevice, statusId: string): Promise<StatusOnWire> {
  const row = engine?.statuses.book.get(statusId as ChatId);
  if (engine === undefined || row?.state !== 'live') throw new Error('no such status');
  const documents = new StatusDocuments(engine);
  const change = await documents.change(row, row.owner.key, row.recordId);
  if (change === undefined) throw new Error('no document');
  return { type: 'status', account: row.account, secret: row.secret, ...row.owner, change };
}

type StatusOnWire = Extract<Part, { readonly type: 'status' }>;

/** Says anything to an account, as the engine says its own. */
export async function say({ engine }: SimulatedDevice, to: SimulatedDevice, parts: readonly Part[]): Promise<void> {
  await engine?.job((batch) => {
    engine.outbox.add(batch, { accountId: accountOf(to) as AccountId, parts });
  });
  engine?.kick();
}
