/**
 * Public facts about accounts: keys, device logs, where devices get their mail, recovery keys, pre-keys, handles. The log and
 * the pre-keys are opaque here; clients check them. `directory.contract.ts` is what every adapter must do.
 */
import type { AccountId, ClaimedPreKeys, DeviceId, Handle, MailboxId } from '@securechat/relay-protocol';
import type { RecoveryId, Result } from '@securechat/relay-protocol';

/** One device of an account. */
export interface DeviceEntry {
  readonly deviceId: DeviceId;
  readonly deviceKey: Uint8Array;
  readonly mailbox: MailboxId;
}

/** A recovery key: it may sign for the account when no device is left. */
export interface RecoveryEntry {
  readonly recoveryId: RecoveryId;
  readonly recoveryKey: Uint8Array;
}

/** An account as its owner signed it. */
export interface AccountEntry {
  readonly accountId: AccountId;
  readonly accountKey: Uint8Array;
  readonly version: number;
  readonly deviceLog: Uint8Array;
  readonly devices: readonly DeviceEntry[];
  /** The one in force; absent: none is. */
  readonly recovery?: RecoveryEntry;
  /** Public key of the device or recovery key that signed beside the account key. */
  readonly by: Uint8Array;
}

/** What everybody may know of an account. */
export type PublicAccount = Pick<AccountEntry, 'accountKey' | 'deviceLog' | 'version'>;

/** Why a registration was not taken. Nothing was changed. */
export type RegisterError =
  /** A larger version is stored, or this version with other content. */
  | { readonly type: 'StaleDeviceLog' }
  /** `by` has no say in what is stored (`authority.ts`). */
  | { readonly type: 'NotAuthorised' }
  /** The recovery key is another account's. */
  | { readonly type: 'RecoveryTaken' }
  /** A mailbox or device belongs to somebody else, or the device has another mailbox already. */
  | { readonly type: 'MailboxTaken' };

/** One one-time pre-key. */
export interface OneTimePreKey {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** The port. Each call is atomic. */
export interface Directory {
  /** Creates or replaces an account; tells which devices are no longer in it. */
  register(account: AccountEntry): Promise<Result<{ readonly removed: readonly DeviceEntry[] }, RegisterError>>;
  account(accountId: AccountId): Promise<PublicAccount | undefined>;
  /** The account whose recovery key in force has this id. */
  byRecovery(recoveryId: RecoveryId): Promise<PublicAccount | undefined>;
  device(deviceId: DeviceId): Promise<(DeviceEntry & { readonly accountId: AccountId }) | undefined>;
  /** Replaces what a device offers. A one-time pre-key (id and bytes) that was handed out stays handed out. */
  publishPreKeys(deviceId: DeviceId, signed: Uint8Array, oneTime: readonly OneTimePreKey[]): Promise<void>;
  /** How many one-time pre-keys are left. */
  countPreKeys(deviceId: DeviceId): Promise<number>;
  /**
   * The account's devices that have published pre-keys, or those of `deviceIds` among them. With `oneTime`, each comes
   * with a one-time pre-key while there are any; each of those is handed out once, ever.
   */
  claim(
    accountId: AccountId,
    deviceIds: readonly DeviceId[] | undefined,
    oneTime: boolean,
  ): Promise<ClaimedPreKeys | undefined>;
  /** Gives the account this handle instead of any other; false when somebody else has it. */
  putHandle(accountId: AccountId, handle: Handle): Promise<boolean>;
  dropHandle(accountId: AccountId): Promise<void>;
  byHandle(handle: Handle): Promise<{ readonly accountId: AccountId; readonly accountKey: Uint8Array } | undefined>;
}
