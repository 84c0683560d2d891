/**
 * The first change of every chat document, byte for byte the same on every device: an empty map `records` with sixteen
 * empty buckets in it, made by a fixed actor at time 0. Sub-maps that two devices create on their own would hide one
 * side's records; these exist before anybody writes (S-DOC-2).
 *
 * The bytes are a constant rather than made at start, so that no version of Automerge can change them; a test shows
 * that Automerge itself makes exactly these.
 */
import { fromHex } from '../../records/hex.ts';

/** The map that holds the buckets, and their number: the names are '0' to 'f'. */
export const RECORDS_KEY = 'records';
export const BUCKETS = 16;

/** Actor of the genesis; one byte, because every change of a segment repeats it. */
export const GENESIS_ACTOR = '00';

/** Operations of the genesis, which is also the counter of its last one. */
export const GENESIS_OPS = 1 + BUCKETS;

/** SHA-256 of the change, by which all first changes depend on it. */
export const GENESIS_HASH = '9b329b6b5f8d44fb9c3d7472453b271b1fe19e2568fa695be4c7c4295c75af63';

const GENESIS_HEX =
  '856f4a839b329b6b014f0001000101000000070104020415293401420256027002' +
  '00011000000110016f077265636f726473013001310132013301340135013601370138013901610162016301640165016611110011001100';

/** The genesis change as an uncompressed chunk. */
export function genesisChange(): Uint8Array {
  return fromHex(GENESIS_HEX);
}

/** Counter of the operation that made a bucket: its object id is this and {@link GENESIS_ACTOR}. */
export function bucketCounter(bucket: number): number {
  return 2 + bucket;
}
