/**
 * The vault header: how this device's master key is wrapped, and the keys that hang below it. The header is the one
 * value in the store that is not sealed. Knows nothing of what the keys protect.
 */
import {
  type MasterKey,
  type Random,
  type Secret,
  createMasterKey,
  deriveKey,
  unwrapMasterKey,
  wrapMasterKey,
} from '@securechat/crypto';
import type { DeviceSecret } from '../ports/device-secret.ts';
import type { Store, StoreOp } from '../ports/store.ts';

const HEADER_KEY = 'vault';
const MODES = { device: 1, passphrase: 2 } as const;

export type VaultMode = keyof typeof MODES;

export interface VaultHeader {
  readonly mode: VaultMode;
  readonly wrapped: Uint8Array;
}

export interface VaultKeys {
  readonly values: Secret<'Vault'>;
  readonly names: Secret<'Vault'>;
  readonly documents: Secret<'Vault'>;
  readonly documentNames: Secret<'Vault'>;
}

export interface WrapInput {
  readonly master: MasterKey;
  readonly passphrase: string | undefined;
  readonly deviceSecret: DeviceSecret;
  readonly random: Random;
  /** Argon2id cost; absent: the default of `wrapMasterKey`. Only tests pass it. */
  readonly cost?: VaultCost;
}

export type VaultCost = NonNullable<Parameters<typeof wrapMasterKey>[0]['cost']>;

/** Undefined: no account here, or `Damaged` when something is there that is not a header. */
export async function readVaultHeader(raw: Store): Promise<VaultHeader | 'Damaged' | undefined> {
  const bytes = await raw.get('meta', HEADER_KEY);
  if (bytes === undefined) return undefined;
  const mode = bytes[0] === MODES.device ? 'device' : bytes[0] === MODES.passphrase ? 'passphrase' : undefined;
  return mode === undefined ? 'Damaged' : { mode, wrapped: bytes.slice(1) };
}

/** Wraps `master`; the caller commits the op to the *unsealed* store. */
export async function wrapVault(input: WrapInput): Promise<StoreOp> {
  const { master, passphrase, random, cost } = input;
  const wrapped =
    passphrase === undefined
      ? await input.deviceSecret.wrap(master)
      : wrapMasterKey({ passphrase, master, random, ...(cost && { cost }) });
  const value = new Uint8Array(1 + wrapped.length);
  value[0] = passphrase === undefined ? MODES.device : MODES.passphrase;
  value.set(wrapped, 1);
  return { op: 'put', table: 'meta', key: HEADER_KEY, value };
}

export type UnlockError =
  { readonly type: 'WrongPassphrase' } | { readonly type: 'PassphraseNeeded' } | { readonly type: 'Damaged' };

/** Recovers the master key. A device-wrapped vault needs no passphrase and ignores one. */
export async function unlockVault(
  header: VaultHeader,
  passphrase: string | undefined,
  deviceSecret: DeviceSecret,
): Promise<{ readonly ok: true; readonly value: MasterKey } | { readonly ok: false; readonly error: UnlockError }> {
  if (header.mode === 'device') {
    const master = await deviceSecret.unwrap(header.wrapped);
    return master === undefined ? { ok: false, error: { type: 'Damaged' } } : { ok: true, value: master as MasterKey };
  }
  if (passphrase === undefined) return { ok: false, error: { type: 'PassphraseNeeded' } };
  const opened = unwrapMasterKey(passphrase, header.wrapped);
  if (opened.ok) return opened;
  return { ok: false, error: { type: opened.error.type === 'WrongPassphrase' ? 'WrongPassphrase' : 'Damaged' } };
}

/** Separate keys for values and names, so that neither tells of the other. */
export function vaultKeys(master: MasterKey): VaultKeys {
  return {
    values: deriveKey(master, 'store values'),
    names: deriveKey(master, 'store names'),
    documents: deriveKey(master, 'document values'),
    documentNames: deriveKey(master, 'document names'),
  };
}

export { createMasterKey };
