/**
 * What the projection needs of a record: the structural part of `VerifiedRecord` (records/). Signatures were checked
 * before; nothing here looks at them.
 */
import type { ChatId, RecordId } from '../api.ts';
import type { EditBody, MessageBody } from '../records/index.ts';

/** 24 characters that sort by time (see records/). */
export const RECORD_ID_LENGTH = 24;

export interface ProjectableRecord {
  readonly id: RecordId;
  readonly chatId: ChatId;
  /** The author's public key for this chat. */
  readonly author: Uint8Array;
  /** Counts this author's records in this chat, from 1. */
  readonly n: number;
  readonly time: { readonly ms: number };
  readonly body: ProjectableBody;
}

/** The kinds that show; every other kind is for somebody else, or for a newer version. */
export type ProjectableBody =
  | MessageBody
  | EditBody
  | { readonly kind: 'delete'; readonly target: RecordId }
  | { readonly kind: 'reaction'; readonly target: RecordId; readonly emoji?: string | undefined }
  | { readonly kind: 'vote'; readonly target: RecordId; readonly choices: number }
  | { readonly kind: 'close'; readonly target: RecordId }
  | { readonly kind: 'act' | 'carried' | 'timer' | 'status' | 'call' | 'unknown' };
