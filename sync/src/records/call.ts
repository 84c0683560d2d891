/**
 * What a record says of a telephone call that is over: written once, by the device that called.
 *
 *     call = call id 16 | video u8 | outcome u8 | seconds u32 (0 unless answered) | started ms 6 | expires seconds u32, 0: never
 */
import { fromBase64Url, toBase64Url } from '@securechat/crypto';
import type { CallId, CallOutcome } from '../api.ts';
import { type ByteCursor, type ByteSink, Unreadable } from './cursor.ts';
import { type Field, flag, mapped, oneOf, unsigned } from './fields.ts';

export interface CallBody {
  readonly kind: 'call';
  readonly callId: CallId;
  /** It was begun with video. */
  readonly video: boolean;
  readonly outcome: CallOutcome;
  /** How long it was on; 0 unless answered. */
  readonly seconds: number;
  /** Milliseconds; when it began to ring, as the caller says. */
  readonly startedAt: number;
  /** Seconds after the record's time at which its line is gone; absent: it stays. */
  readonly expires?: number;
}

/** Bytes of a call's id; longest call in seconds, 30 days. */
export const CALL_RECORD_LIMITS = { id: 16, seconds: 30 * 24 * 3600 } as const;

const CALL_ID: Field<CallId> = mapped(CALL_RECORD_LIMITS.id, toBase64Url, fromBase64Url);
const OUTCOME: Field<CallOutcome> = oneOf('answered', 'missed', 'declined', 'busy', 'cancelled', 'failed');
const SECONDS = unsigned(4);
const MILLIS = unsigned(6);

/** Appends the body; throws RangeError for one that no decoder would accept. */
export function writeCall(sink: ByteSink, body: CallBody): void {
  const problem = problemWithCall(body);
  if (problem !== undefined) throw new RangeError(problem);
  CALL_ID.write(sink, body.callId);
  flag.write(sink, body.video);
  OUTCOME.write(sink, body.outcome);
  SECONDS.write(sink, body.seconds);
  MILLIS.write(sink, body.startedAt);
  SECONDS.write(sink, body.expires ?? 0);
}

/** Reads the body; throws {@link Unreadable}. */
export function readCall(cursor: ByteCursor): CallBody {
  const [callId, video, outcome] = [CALL_ID.read(cursor), flag.read(cursor), OUTCOME.read(cursor)];
  const [seconds, startedAt, expires] = [SECONDS.read(cursor), MILLIS.read(cursor), SECONDS.read(cursor)];
  const said = { callId, video, outcome, seconds, startedAt };
  const problem = problemWithCall(said);
  if (problem !== undefined) throw new Unreadable(problem);
  return { kind: 'call', ...said, ...(expires > 0 && { expires }) };
}

function problemWithCall({ outcome, seconds, expires }: Omit<CallBody, 'kind'>): string | undefined {
  if (seconds > CALL_RECORD_LIMITS.seconds) return 'a call is too long';
  if (outcome !== 'answered' && seconds !== 0) return 'a call that nobody answered has no length';
  return expires === 0 ? 'a call that never expires says nothing of it' : undefined;
}
