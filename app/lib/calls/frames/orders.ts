/** What a page tells the worker that seals and opens its frames. */
import type { DeviceId, FrameKey } from '@securechat/sync/api';
import type { Kind } from './frame.ts';

/** `keys`: what opens the frames of that device; none: nothing of it is opened any more. */
export type FrameOrder =
  | { readonly type: 'seal'; readonly key: FrameKey }
  | { readonly type: 'open'; readonly from: DeviceId; readonly keys: readonly FrameKey[] };

/** What a stream is for, given with its transform. `from` absent: it goes out. */
export interface StreamPurpose {
  readonly kind: Kind;
  readonly from?: DeviceId;
}
