/** Object URLs of small pictures that came in snapshots: one for each byte array, let go with it. The RPC keeps the reference of unchanged bytes. */

const urls = new WeakMap<Uint8Array, string>();
const releases = new FinalizationRegistry<string>((url) => {
  URL.revokeObjectURL(url);
});

export function bytesUrl(bytes: Uint8Array, type: string): string {
  const known = urls.get(bytes);
  if (known !== undefined) return known;
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
  urls.set(bytes, url);
  releases.register(bytes, url);
  return url;
}
