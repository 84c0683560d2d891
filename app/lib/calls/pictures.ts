/** Whose pictures are sent when more are on than everybody can take. Pure. */
import { GROUP_CALL_LIMITS, type DeviceId, type GroupCallMember } from '@securechat/sync/api';

type Shows = Pick<GroupCallMember, 'deviceId' | 'media'>;

/**
 * Screens before cameras, then in the order of device ids; at most `GROUP_CALL_LIMITS.pictures`. Who knows the same members
 * comes to the same devices, so each one knows by itself whether it sends. When somebody came is no order: each device has
 * heard of the others at other times.
 */
export function picturesOf(members: readonly Shows[]): ReadonlySet<DeviceId> {
  const showing = members.filter(({ media }) => media.screen || media.camera);
  showing.sort((a, b) => Number(b.media.screen) - Number(a.media.screen) || (a.deviceId < b.deviceId ? -1 : 1));
  return new Set(showing.slice(0, GROUP_CALL_LIMITS.pictures).map(({ deviceId }) => deviceId));
}
