/** Which tone belongs to what a call does. Pure. */
import type { CallView } from '@securechat/sync/api';
import type { Tone } from '$lib/calls/tones.ts';

export interface Hearing {
  /** This tab holds the call, or held it. */
  readonly isMine: boolean;
  /** This tab is the one that rings, of all tabs. */
  readonly isRinger: boolean;
  /** The user has put what rings away. */
  readonly isSmall: boolean;
}

/** Undefined: silence. */
export function toneOf(view: CallView | null | undefined, { isMine, isRinger, isSmall }: Hearing): Tone | undefined {
  if (!view) return undefined;
  if (view.phase === 'ringing' && !view.outgoing) return isRinger && !isSmall ? 'ring' : undefined;
  if (view.phase === 'ringing') return isMine && view.reached ? 'ringback' : undefined;
  return view.phase === 'ended' && isMine && view.end !== 'cancelled' ? 'ended' : undefined;
}
