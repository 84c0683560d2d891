import type { MediaState } from '@securechat/sync/api';

/** The storage server has it no more, or gives something else: only somebody who still has it can help. */
export function isLost({ failure }: MediaState): boolean {
  return failure !== undefined && failure !== 'Unavailable' && failure !== 'StorageFull';
}
