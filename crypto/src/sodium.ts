/**
 * The one file that imports libsodium. It narrows the library to the primitives this package uses, with our argument
 * order, `undefined` instead of exceptions for what an attacker can cause, and brands left to the callers.
 * Deliberately knows nothing of protocols, labels or formats.
 *
 * Everything is synchronous once {@link ready} has resolved; before that the wasm is not there and calls throw.
 */
import sodium, { type StateAddress } from 'libsodium-wrappers-sumo';

/** Argon2id cost: `operations` passes over `memoryKiB` KiB. */
export interface PassphraseCost {
  readonly operations: number;
  readonly memoryKiB: number;
}

/** An Ed25519 key pair; the secret key is libsodium's 64 bytes: seed, then public key. */
interface SigningPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** Poly1305 tag length of every AEAD here. */
export const TAG_BYTES = 16;
/** XChaCha20-Poly1305 nonce length: long enough to be drawn at random without a birthday worry. */
export const NONCE_BYTES = 24;
/** Ed25519 signature length. */
export const SIGNATURE_BYTES = 64;
/** Lengths of a secretstream: its header, its state, and what it adds to a chunk. */
export const STREAM = { headerBytes: 24, stateBytes: 52, overheadBytes: 17 } as const;
/** ML-KEM-768 lengths (FIPS 203, table 3), and those of the seeds of its deterministic forms. */
export const KEM = { publicKeyBytes: 1184, ciphertextBytes: 1088, seedBytes: 64, coinBytes: 32 } as const;

/** Resolves when the wasm is loaded. Await it once at start. */
export async function ready(): Promise<void> {
  await sodium.ready;
}

/** SHA-256 over one buffer. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return sodium.crypto_hash_sha256(bytes);
}

/** SHA-512 over one buffer. */
export function sha512(bytes: Uint8Array): Uint8Array {
  return sodium.crypto_hash_sha512(bytes);
}

/** HMAC-SHA-256 with a 32-byte key. */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return sodium.crypto_auth_hmacsha256(message, key);
}

/** Keyed BLAKE2b with `length` bytes of output. */
export function keyedBlake2b(length: number, key: Uint8Array, message: Uint8Array): Uint8Array {
  return sodium.crypto_generichash(length, message, key);
}

/** ChaCha20 key stream; `nonce` is 8 bytes. */
export function chacha20(length: number, key: Uint8Array, nonce: Uint8Array): Uint8Array {
  return sodium.crypto_stream_chacha20(length, key, nonce);
}

/** XChaCha20-Poly1305; answers ciphertext with the tag behind it. */
export function aeadSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, ad: Uint8Array): Uint8Array {
  return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, ad, null, nonce, key);
}

/** Inverse of {@link aeadSeal}; `undefined` when anything does not authenticate. */
export function aeadOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  ad: Uint8Array,
): Uint8Array | undefined {
  if (ciphertext.length < TAG_BYTES) return undefined;
  return attempt(() => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, ad, nonce, key));
}

/** Ed25519 key pair from a 32-byte seed (RFC 8032, 5.1.5). */
export function signingPair(seed: Uint8Array): SigningPair {
  const { publicKey, privateKey } = sodium.crypto_sign_seed_keypair(seed);
  return { publicKey, secretKey: privateKey };
}

/** Ed25519 signature (RFC 8032, pure). */
export function sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  return sodium.crypto_sign_detached(message, secretKey);
}

/** Whether `signature` is by `publicKey` over `message`. Wrong lengths are simply false. */
export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== SIGNATURE_BYTES) return false;
  return sodium.crypto_sign_verify_detached(signature, message, publicKey);
}

/** Whether 32 bytes are a canonical Ed25519 point on the prime-order subgroup, and not of small order. */
export function isValidPoint(publicKey: Uint8Array): boolean {
  return sodium.crypto_core_ed25519_is_valid_point(publicKey);
}

/** Ed25519 public key as X25519; `undefined` when it is not a point of the prime-order subgroup. */
export function toX25519Public(ed25519: Uint8Array): Uint8Array | undefined {
  return attempt(() => sodium.crypto_sign_ed25519_pk_to_curve25519(ed25519));
}

/** Ed25519 secret key (64 bytes) as an X25519 scalar. */
export function toX25519Secret(ed25519: Uint8Array): Uint8Array {
  return sodium.crypto_sign_ed25519_sk_to_curve25519(ed25519);
}

/** X25519 public key of a 32-byte scalar (RFC 7748). */
export function x25519Public(secretKey: Uint8Array): Uint8Array {
  return sodium.crypto_scalarmult_base(secretKey);
}

/** X25519; `undefined` for an all-zero result (RFC 7748, 6.1), which a small-order public key forces. */
export function x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  return attempt(() => sodium.crypto_scalarmult(secretKey, publicKey));
}

/** ML-KEM-768 key pair from a 64-byte seed `d || z` (FIPS 203, 7.1). */
export function kemPair(seed: Uint8Array): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } {
  const { publicKey, privateKey } = sodium.crypto_kem_mlkem768_seed_keypair(seed);
  return { publicKey, secretKey: privateKey };
}

/** ML-KEM-768 encapsulation with explicit coins; `undefined` when the key fails the modulus check (FIPS 203, 7.2). */
export function kemEncapsulate(
  publicKey: Uint8Array,
  coins: Uint8Array,
): { readonly ciphertext: Uint8Array; readonly sharedSecret: Uint8Array } | undefined {
  return attempt(() => sodium.crypto_kem_mlkem768_enc_deterministic(publicKey, coins));
}

/** ML-KEM-768 decapsulation. A forged ciphertext gives an unrelated secret, not a failure (implicit rejection). */
export function kemDecapsulate(secretKey: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return sodium.crypto_kem_mlkem768_dec(ciphertext, secretKey);
}

/** Argon2id version 1.3 with one lane (RFC 9106). `undefined` when the memory cannot be had. */
export function argon2id(
  passphrase: Uint8Array,
  salt: Uint8Array,
  { operations, memoryKiB }: PassphraseCost,
): Uint8Array | undefined {
  const algorithm = sodium.crypto_pwhash_ALG_ARGON2ID13;
  return attempt(() => sodium.crypto_pwhash(32, passphrase, salt, operations, memoryKiB * 1024, algorithm));
}

/**
 * State of a secretstream with this key and header, for either direction: libsodium's `init_push` does the same with a
 * header that it draws itself.
 */
export function streamState(key: Uint8Array, header: Uint8Array): Uint8Array {
  return takeState(sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key));
}

/** Seals the next chunk; `next` is the state behind it. */
export function streamPush(state: Uint8Array, chunk: Uint8Array, ad: Uint8Array, final: boolean) {
  const { TAG_FINAL, TAG_MESSAGE } = streamTags();
  const address = putState(state);
  const bytes = sodium.crypto_secretstream_xchacha20poly1305_push(address, chunk, ad, final ? TAG_FINAL : TAG_MESSAGE);
  return { next: takeState(address), bytes };
}

/** Opens the next chunk; `undefined` when it does not authenticate there, or has a tag that {@link streamPush} never makes. */
export function streamPull(state: Uint8Array, bytes: Uint8Array, ad: Uint8Array) {
  if (bytes.length < STREAM.overheadBytes) return undefined;
  const { TAG_FINAL, TAG_MESSAGE } = streamTags();
  const address = putState(state);
  const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(address, bytes, ad);
  const next = takeState(address);
  if (opened === false || (opened.tag !== TAG_FINAL && opened.tag !== TAG_MESSAGE)) return undefined;
  return { next, chunk: opened.message, final: opened.tag === TAG_FINAL };
}

/** Constant-time comparison of equally long buffers. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return sodium.memcmp(a, b);
}

/** libsodium's wrappers throw on input that fails a check; here that is an answer. */
function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}

function streamTags() {
  return {
    TAG_MESSAGE: sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE,
    TAG_FINAL: sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL,
  };
}

/** The wasm heap below the wrappers. It is exported, but not declared. */
interface Heap {
  readonly HEAPU8: Uint8Array;
  _malloc(length: number): number;
  _free(address: number): void;
}

function allocate(length: number): number {
  const address = heap()._malloc(length);
  if (address === 0) throw new Error('libsodium: out of memory');
  return address;
}

/**
 * The wrappers keep the state of a stream in the wasm heap, where they neither wipe nor free it. Here it is a value: it lies
 * in the heap during one call only, so that a stream that is given up half-way leaves nothing behind.
 */
function putState(state: Uint8Array): StateAddress {
  const address = allocate(state.length);
  heap().HEAPU8.set(state, address);
  return address as unknown as StateAddress;
}

function takeState(stateAddress: StateAddress): Uint8Array {
  const address = stateAddress as unknown as number;
  const { HEAPU8, _free } = heap();
  const state = HEAPU8.slice(address, address + STREAM.stateBytes);
  HEAPU8.fill(0, address, address + STREAM.stateBytes);
  _free(address);
  return state;
}

function heap(): Heap {
  return (sodium as unknown as { readonly libsodium: Heap }).libsodium;
}
