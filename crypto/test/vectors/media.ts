/** Vectors of a media blob: keys derived, nonces, sealed chunks, and what must not open and why. */
import { concat, MEDIA, mediaBlob, startMediaDigest, utf8 } from '../../src/index.ts';
import { asSecret, KEY_BYTES } from '../../src/keys.ts';
import { LABELS } from '../../src/labels.ts';
import { keyedBlake2b, sha256 } from '../../src/sodium.ts';
import { counted, hex, tampered } from './hex.ts';

const KEY = counted(0x60);
const SMALL = utf8('the smallest file of all');
/** Two chunks; the vector lists what is sealed of them as hashes, because of its length. */
const LARGE_BYTES = MEDIA.chunkBytes + 100;

export async function buildMedia() {
  const key = asSecret<'Media'>(KEY);
  const small = mediaBlob(key, SMALL.length);
  const chunk = await small.seal(0, SMALL);
  const blob = concat(small.tag, chunk);
  const size = SMALL.length;
  const bad = (why: string, error: string, bytes: Uint8Array, of = size) => ({
    why,
    error,
    size: of,
    blob: hex(bytes),
  });
  return {
    key: hex(KEY),
    sealing: hex(keyedBlake2b(KEY_BYTES, KEY, utf8(LABELS.mediaChunks))),
    tag: hex(small.tag),
    file: { size, content: hex(SMALL), digest: hex(await digestOf([chunk])) },
    paddedBytes: chunk.length - MEDIA.overheadBytes,
    nonce: `${'00'.repeat(8)}01${'00'.repeat(3)}`,
    blob: hex(blob),
    large: await buildLarge(),
    mustFail: [
      bad('another tag', 'WrongBlob', tampered(blob, 0)),
      bad('a changed byte', 'ChunkDamaged', tampered(blob, MEDIA.tagBytes)),
      bad('a changed authenticator', 'ChunkDamaged', tampered(blob, -1)),
      bad('cut in the tag', 'Truncated', blob.slice(0, MEDIA.tagBytes - 1)),
      bad('a byte missing', 'Truncated', blob.slice(0, -1)),
      bad('a byte too many', 'TrailingBytes', concat(blob, Uint8Array.of(0))),
      bad('announced as shorter than it is', 'NotAsAnnounced', blob, size - 1),
    ],
  };
}

/** A file of 262,244 bytes, byte i of which is i modulo 251. */
async function buildLarge() {
  const content = Uint8Array.from({ length: LARGE_BYTES }, (_, index) => index % 251);
  const blob = mediaBlob(asSecret<'Media'>(KEY), LARGE_BYTES);
  const { layout } = blob;
  const places = Array.from({ length: layout.chunks }, (_, index) => ({ index, ...layout.place(index) }));
  const sealed = await Promise.all(
    places.map(({ index, from, content: length }) => blob.seal(index, content.subarray(from, from + length))),
  );
  const chunks = places.map(({ index, padded, isLast }) => {
    return { padded, isLast, sealedHash: hex(sha256(sealed[index] ?? new Uint8Array())) };
  });
  return { size: LARGE_BYTES, blobBytes: layout.blobBytes, digest: hex(await digestOf(sealed)), chunks };
}

async function digestOf(sealed: readonly Uint8Array[]): Promise<Uint8Array> {
  const digest = startMediaDigest();
  await Promise.all(sealed.map((chunk, index) => digest.add(index, chunk)));
  return digest.finish();
}
