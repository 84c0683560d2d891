/** What the engine uses of records. */
export { BODY_LIMITS, type RecordBody } from './body.ts';
export { type Hlc, MAX_AHEAD_MS, NO_TIME, compareHlc, isAhead, receive, tick } from './hlc.ts';
export { isRecordId, recordTime } from './record-id.ts';
export { RECORD_LIMITS, type RecordDraft, type VerifiedRecord, recordIdOf } from './record.ts';
