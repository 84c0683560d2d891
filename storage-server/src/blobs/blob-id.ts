/** Names of blobs. A name is the right to download: 24 random bytes that nobody can guess and that say nothing. */
declare const brand: unique symbol;

/** The name of a blob: 32 characters of base64url. */
export type BlobId = string & { readonly [brand]: 'BlobId' };
/** A source of random bytes. */
export type Random = (length: number) => Uint8Array;

const BYTES = 24;

/** A new name. */
export function createBlobId(random: Random): BlobId {
  return Buffer.from(random(BYTES)).toString('base64url') as BlobId;
}

/** Whether a text has the shape of a name; nothing else ever reaches the file system. */
export function isBlobId(text: string): text is BlobId {
  return /^[A-Za-z0-9_-]{32}$/.test(text);
}
