import type { Avatar } from '@securechat/sync/api';
import { bytesUrl } from './bytes-url.ts';

export function avatarUrl(avatar: Avatar): string {
  return bytesUrl(avatar.bytes, avatar.type);
}
