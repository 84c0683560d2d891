/** Own devices as they are listed. Pure. */
import type { OwnDevice } from '@securechat/sync/api';

/** This one first, then by when they were last heard of, then by when they were linked; the newest first. */
export function sortDevices(devices: readonly OwnDevice[]): readonly OwnDevice[] {
  const rank = ({ isThis, lastSeen }: OwnDevice): number => (isThis ? Infinity : (lastSeen ?? 0));
  const byRank = (a: OwnDevice, b: OwnDevice): number => (rank(a) === rank(b) ? 0 : rank(b) - rank(a));
  return [...devices].sort((a, b) => byRank(a, b) || b.addedAt - a.addedAt);
}
