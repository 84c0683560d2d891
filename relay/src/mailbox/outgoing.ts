/** An envelope on its way, encoded once however many mailboxes it goes to. */
import { encodeFrame, ID_BYTES, type EnvelopeId } from '@securechat/relay-protocol';
import { keyOf } from '../bytes.ts';

/** See the module's header. */
export interface Outgoing {
  readonly id: EnvelopeId;
  readonly key: string;
  readonly ephemeral: boolean;
  /** The whole `deliver` frame. */
  readonly frame: Uint8Array;
}

/** Encodes an envelope. */
export function createOutgoing(id: EnvelopeId, data: Uint8Array, ephemeral: boolean): Outgoing {
  return { id, key: keyOf(id), ephemeral, frame: encodeFrame({ type: 'deliver', id, data }) };
}

/** The content inside the encoded frame: what is stored when it must wait. */
export function contentOf(outgoing: Outgoing): Uint8Array {
  return outgoing.frame.subarray(1 + ID_BYTES);
}
