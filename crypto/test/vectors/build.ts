/** All vectors, by the name of their file in `crypto/vectors/`. Deterministic: no randomness but what they list. */
import { buildDeviceLog } from './device-log.ts';
import { buildEnvelope } from './envelope.ts';
import { buildGroup } from './group.ts';
import { buildHandshake } from './handshake.ts';
import { buildIdentity } from './identity.ts';
import { buildLinking } from './linking.ts';
import { buildMedia } from './media.ts';
import { buildRatchet } from './ratchet.ts';
import { buildRecords } from './records.ts';
import { buildRecovery } from './recovery.ts';
import { buildSession } from './session.ts';
import { buildStream } from './stream.ts';
import { buildVault } from './vault.ts';

const BUILDERS = {
  'device-log': buildDeviceLog,
  envelope: buildEnvelope,
  group: buildGroup,
  handshake: buildHandshake,
  identity: buildIdentity,
  linking: buildLinking,
  media: buildMedia,
  ratchet: buildRatchet,
  records: buildRecords,
  recovery: buildRecovery,
  session: buildSession,
  stream: buildStream,
  vault: buildVault,
} as const;

/** Name of a vector file, without its ending. */
export type VectorName = keyof typeof BUILDERS;
/** What a vector file holds. */
export type Vector<N extends VectorName> = Awaited<ReturnType<(typeof BUILDERS)[N]>>;

export const VECTOR_NAMES = Object.keys(BUILDERS) as VectorName[];

/** The text of a vector file. */
export async function buildVector(name: VectorName): Promise<string> {
  return `${JSON.stringify(await BUILDERS[name](), null, 2)}\n`;
}
