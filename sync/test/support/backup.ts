/** Recovery phrases and backup files, as a user makes and uses them. */
import type { ClientError } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { RELAY_URL, type World } from '../simulation/world.ts';

/** The words of a new recovery phrase. */
export async function newPhrase(device: SimulatedDevice, world: World): Promise<string> {
  const asked = device.client.call('createRecovery', null);
  await world.pass(3_000);
  const answer = await asked;
  if (!answer.ok) throw new Error(`createRecovery: ${answer.error.type}`);
  return answer.value.words.join(' ');
}

/** Restores on a device without an account; undefined: it worked. */
export async function restore(device: SimulatedDevice, phrase: string, world: World): Promise<ClientError | undefined> {
  await device.open();
  const asked = device.client.call('restore', { phrase, relayUrl: RELAY_URL, deviceName: device.name });
  await world.pass(5_000);
  const answer = await asked;
  return answer.ok ? undefined : answer.error;
}

/** A whole backup file. */
export async function exportBackup({ client }: SimulatedDevice): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let cursor: string | undefined;
  do {
    const part: Awaited<ReturnType<typeof client.call<'backupPart'>>> = await client.call(
      'backupPart',
      cursor === undefined ? {} : { cursor },
    );
    if (!part.ok) throw new Error(`backupPart: ${part.error.type}`);
    parts.push(part.value.bytes);
    cursor = part.value.next;
  } while (cursor !== undefined);
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

/** Imports a file in pieces of this size; the number of messages, or why it was refused. */
export async function importBackup(
  { client }: SimulatedDevice,
  file: Uint8Array,
  piece = 64 * 1024,
): Promise<number | ClientError['type']> {
  for (let at = 0; ; at += piece) {
    const last = at + piece >= file.length;
    const bytes = file.subarray(at, at + piece);
    const answer = await client.call('importBackupPart', { bytes, first: at === 0, last });
    if (!answer.ok) return answer.error.type;
    if (last) return answer.value.messages;
  }
}

/** Where each frame of a backup ends. */
export function frameEnds(file: Uint8Array): readonly number[] {
  const ends: number[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = BACKUP_HEAD; at < file.length;) {
    at += 4 + view.getUint32(at);
    ends.push(at);
  }
  return ends;
}

/** Bytes of a backup before its first frame. */
export const BACKUP_HEAD = 56;
