/** What the other side's connection says, before PeerJS sees it: media only, in the shape that PeerJS expects. Pure. */
import type { CallSignal } from '@securechat/sync/api';

export interface ReadSignal {
  readonly type: 'OFFER' | 'ANSWER' | 'CANDIDATE';
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * Undefined for what is not used: whatever is no description or candidate of a media connection. Leaving is none of it: that
 * a call is over its own messages say.
 */
export function readSignal({ type, payload }: CallSignal): ReadSignal | undefined {
  if (type === 'LEAVE') return undefined;
  const value = parse(payload);
  if (!isRecord(value) || value['type'] !== 'media' || typeof value['connectionId'] !== 'string') return undefined;
  const body = type === 'CANDIDATE' ? value['candidate'] : value['sdp'];
  if (!isRecord(body)) return undefined;
  const words = type === 'CANDIDATE' ? body['candidate'] : body['sdp'];
  const isFitting = type === 'CANDIDATE' || body['type'] === type.toLowerCase();
  return typeof words === 'string' && isFitting ? { type, payload: value } : undefined;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
