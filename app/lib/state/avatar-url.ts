/** Object URLs of avatars: one for each byte array, let go with it. The RPC keeps the reference of an unchanged avatar. */
import type { Avatar } from '@securechat/sync/api';

const urls = new WeakMap<Uint8Array, string>();
const releases = new FinalizationRegistry<string>((url) => {
  URL.revokeObjectURL(url);
});

export function avatarUrl(avatar: Avatar): string {
  const known = urls.get(avatar.bytes);
  if (known !== undefined) return known;
  const url = URL.createObjectURL(new Blob([new Uint8Array(avatar.bytes)], { type: avatar.type }));
  urls.set(avatar.bytes, url);
  releases.register(avatar.bytes, url);
  return url;
}
