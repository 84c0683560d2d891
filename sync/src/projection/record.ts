/**
 * What the projection needs of a record: the structural part of `VerifiedRecord` (records/). Signatures were checked
 * before; nothing here looks at them.
 */
import type { ChatId, RecordId } from '../api.ts';

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
  | { readonly kind: 'message'; readonly text: string; readonly replyTo?: RecordId | undefined }
  | { readonly kind: 'edit'; readonly target: RecordId; readonly text: string }
  | { readonly kind: 'delete'; readonly target: RecordId }
  | { readonly kind: 'reaction'; readonly target: RecordId; readonly emoji?: string | undefined }
  | { readonly kind: 'act' | 'carried' | 'unknown' };
