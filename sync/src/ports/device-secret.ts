/**
 * Port: wraps the master key when the user sets no passphrase, with a key that can be used on this device but not read
 * out of it. Adapters: `adapters/web-device-secret.ts` (non-extractable WebCrypto key), `adapters/memory-device-secret.ts`.
 */
export interface DeviceSecret {
  /** Makes the device key on first use. */
  wrap(secret: Uint8Array): Promise<Uint8Array>;
  /** Undefined when the key is gone or the bytes are damaged. */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array | undefined>;
  /** Deletes the device key: what it wrapped is lost. */
  forget(): Promise<void>;
}
