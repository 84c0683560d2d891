/**
 * Which messages point to which blobs: one entry a message and blob, in the commit of the message's row, so that a blob is
 * known to be wanted by nobody any more. The entry's value is the blob's tag: a server that gives it for another one is found out.
 *
 *     use : blob : chat : record  ->  tag 32
 */
import { mediaTag, toMediaKey } from '@securechat/crypto';
import type { ChatId } from '../api.ts';
import { storeKey } from '../ports/store-key.ts';
import type { StoreOp } from '../ports/store.ts';
import type { MediaPointer } from '../records/index.ts';
import type { Touched } from './chat-index.ts';
import type { MessageState } from './state.ts';

interface MediaUses {
  readonly ops: readonly StoreOp[];
  readonly released: readonly MediaPointer[];
}

/** What the batch changes of who points to what. */
export function mediaUses(chatId: ChatId, touched: readonly Touched[]): MediaUses {
  const ops: StoreOp[] = [];
  const released: MediaPointer[] = [];
  for (const { id, before, after } of touched) {
    const [had, has] = [mediaOf(before), mediaOf(after)];
    const keyOf = ({ blob }: MediaPointer): string => storeKey('use', blob, chatId, id);
    for (const pointer of without(has, had))
      ops.push({ op: 'put', table: 'media', key: keyOf(pointer), value: tagOf(pointer) });
    for (const pointer of without(had, has)) {
      ops.push({ op: 'delete', table: 'media', key: keyOf(pointer) });
      released.push(pointer);
    }
  }
  return { ops, released };
}

/** The state of a view-once message that was opened: it says so, and points to nothing. */
export function spent(state: MessageState): MessageState {
  if (state.message?.viewOnce === undefined || state.message.media === undefined) return state;
  const { media: _, ...message } = state.message;
  return { ...state, message };
}

function mediaOf({ message }: MessageState): readonly MediaPointer[] {
  return message?.media ?? [];
}

function without(all: readonly MediaPointer[], some: readonly MediaPointer[]): readonly MediaPointer[] {
  const blobs = new Set(some.map(({ blob }) => blob));
  return all.filter(({ blob }) => !blobs.has(blob));
}

/** A pointer's key has 32 bytes, or it would not have been read. */
function tagOf({ key }: MediaPointer): Uint8Array {
  const media = toMediaKey(key);
  return media === undefined ? new Uint8Array() : mediaTag(media).slice();
}
