/** What the engine uses of records. */
export {
  ACT_LIMITS,
  type Act,
  type ActBody,
  type AddAct,
  type Avatar,
  type FoundAct,
  type HistoryGrant,
  type InviteProof,
  type KnownAct,
  type NewMember,
  type PermissionsAct,
  type RemoveAct,
  type Role,
  type SeenCounter,
  type Who,
} from './act.ts';
export { ACT_ID_BYTES, type ActId, actIdBytes, actIdFrom } from './act-id.ts';
export { BODY_LIMITS, type EditBody, type MessageBody, type RecordBody } from './body.ts';
export { CALL_RECORD_LIMITS, type CallBody } from './call.ts';
export { type Hlc, MAX_AHEAD_MS, NO_TIME, compareHlc, isAhead, receive, tick } from './hlc.ts';
export {
  type EditFields,
  MESSAGE_LIMITS,
  type Mention,
  type MessageFields,
  type Poll,
  type StatusRef,
} from './message-fields.ts';
export { type MediaPointer, isFileName, isMediaType, pointersFrom, pointersToText } from './media.ts';
export { isRecordId, recordTime } from './record-id.ts';
export { type StatusBody, isShowable, problemWithStatus } from './status.ts';
export { RECORD_LIMITS, type RecordDraft, type VerifiedRecord, actIdOf, recordIdOf } from './record.ts';
