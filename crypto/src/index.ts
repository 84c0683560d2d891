/**
 * The whole public face of `@securechat/crypto`: identity, PQXDH, Double Ratchet sessions, sealed envelopes, sender keys of
 * groups, record signatures, the vault, recovery phrases, linking of devices, streams and blobs of files. Pure functions after one
 * `await ready()`; no I/O, no clock. All are synchronous but those of a file's blob and digest, which are done beside the thread. The rules are in `crypto/SPEC.md`.
 */
export { concat, equalBytes, fromBase64Url, hash, toBase64Url, utf8, wipe } from './bytes.ts';
export {
  type KeyPair,
  type Open,
  type Public,
  type Secret,
  toAccountKey,
  toAuthorKey,
  toDeviceKey,
  toInviteKey,
  toRecoveryKey,
  type WeakKey,
} from './keys.ts';
export { type Random, seededRandom, systemRandom } from './random.ts';
export { err, type Malformed, ok, type Result } from './result.ts';
export { type PassphraseCost, ready, sha256 } from './sodium.ts';

export { type Account, accountFromSeed, createAccount, decodeAccount, encodeAccount } from './identity/account.ts';
export { createDevice, decodeDevice, type Device, encodeDevice } from './identity/device.ts';
export {
  type AccountId,
  accountIdOf,
  type ChatId,
  type DeviceId,
  deviceIdOf,
  type SenderKeyId,
  toAccountId,
  toChatId,
  toDeviceId,
} from './identity/ids.ts';
export { signAsAccount, signAsDevice, verifyAsAccount, verifyAsDevice } from './identity/signature.ts';
export { type Authority, authorityKeyOf, signAsAuthority, verifyAsAuthority } from './identity/authority.ts';
export {
  activeDevices,
  addDevice,
  allDevices,
  compareLogs,
  decodeDeviceLog,
  type DeviceLog,
  type DeviceLogError,
  encodeDeviceLog,
  headAt,
  logView,
  type LogView,
  type NewDevice,
  type NewRecovery,
  recoveryOf,
  removeDevice,
  setRecovery,
  startDeviceLog,
} from './identity/device-log.ts';
export { DEVICE_LOG_LIMITS, type LoggedDevice, type Recovery } from './identity/membership.ts';
export { matchSafetyNumberQr, safetyNumber, safetyNumberQr } from './identity/safety-number.ts';
export { directChatId, directChatSecret } from './identity/direct-chat.ts';

export {
  createPreKeys,
  dropOneTime,
  PRE_KEY_LIMITS,
  type PreKeys,
  replenishPreKeys,
  rotateSignedPreKey,
} from './handshake/pre-keys.ts';
export { decodePreKeys, encodePreKeys } from './handshake/pre-keys-state.ts';
export {
  type BundleError,
  NOTE_BYTES,
  openPreKeyBundle,
  type PreKeyBundle,
  type PublishedOneTime,
  type PublishedPreKeys,
  publishPreKeys,
} from './handshake/publication.ts';

export { PLAINTEXT_BYTES } from './ratchet/message.ts';
export { RATCHET_LIMITS } from './ratchet/ratchet.ts';
export {
  canSeal,
  emptySessions,
  needsNewSession,
  type OpenedMessage,
  type OpenError,
  openMessage,
  type OpenMessageInput,
  type SealedMessage,
  sealMessage,
  type SealMessageInput,
  SESSION_LIMITS,
  type Sessions,
  startSession,
  type StartInput,
} from './session/sessions.ts';
export { decodeSessions, encodeSessions } from './session/sessions-state.ts';

export {
  type EnvelopeError,
  type EnvelopeInput,
  openEnvelope,
  type OpenedEnvelope,
  sealEnvelope,
} from './envelope/envelope.ts';
export { ENVELOPE_MESSAGE_BYTES } from './envelope/layout.ts';
export { padToBucket, unpad } from './envelope/padding.ts';

export {
  chatSecretOfGroup,
  createGroupSecret,
  groupChatId,
  groupHeaderKey,
  type GroupSecret,
  toGroupSecret,
} from './group/group-chat.ts';
export {
  createSenderKey,
  needsNewSenderKey,
  type ReceivedSenderKey,
  SENDER_KEY_LIMITS,
  type SenderKey,
} from './group/sender-key.ts';
export { acceptDistribution, distributionOf, type SenderKeyOwner } from './group/distribution.ts';
export {
  type GroupEnvelopeError,
  type GroupEnvelopeInput,
  type OpenedGroupEnvelope,
  openGroupEnvelope,
  type SealedGroupEnvelope,
  sealGroupEnvelope,
} from './group/envelope.ts';
export { type GroupOpened, type GroupOpenError, type GroupOpenInput, openFromGroup } from './group/open.ts';
export {
  decodeReceivedSenderKey,
  decodeSenderKey,
  encodeReceivedSenderKey,
  encodeSenderKey,
} from './group/sender-key-state.ts';
export {
  createInvite,
  formatInviteSecret,
  inviteKeyOf,
  type Invite,
  type InviteSecret,
  parseInviteSecret,
  proveInvite,
  verifyInvite,
} from './group/invite.ts';

export {
  type AuthorKey,
  certifyAuthor,
  createAuthorKey,
  decodeAuthorKey,
  encodeAuthorKey,
  proveAuthor,
  signRecord,
  verifyAuthorCertificate,
  verifyAuthorProof,
  verifyRecord,
} from './records/author.ts';

export { createMasterKey, DEFAULT_COST, type MasterKey, unwrapMasterKey, wrapMasterKey } from './vault/passphrase.ts';
export { blind, deriveKey, openValue, sealValue } from './vault/values.ts';

export {
  createRecovery,
  ESCROW_BYTES,
  RECOVERY_BYTES,
  recoveryIdOf,
  recoveryKeyOf,
  type RecoverySecret,
  signAsRecovery,
  verifyAsRecovery,
} from './recovery/recovery-key.ts';
export { backupKey } from './recovery/backup-key.ts';
export { openEscrow, sealEscrow } from './recovery/escrow.ts';
export { type PhraseError, readRecoveryWords, recoveryWords } from './recovery/words.ts';

export { createLinkCode, formatLinkCode, type LinkCode, linkRendezvous, parseLinkCode } from './linking/code.ts';
export {
  type AnsweredLink,
  answerOffer,
  type ComparedLink,
  endLink,
  type LinkError,
  type OfferedLink,
  offerLink,
  openGrant,
  readReveal,
  type RevealedLink,
  revealLink,
  sealGrant,
} from './linking/ceremony.ts';
export { LINK_LIMITS } from './linking/message.ts';

export { type OpeningStream, type SealingStream, startOpening, startSealing, STREAM_LIMITS } from './stream/stream.ts';

export {
  checkBlob,
  createMediaKey,
  mediaBlob,
  type MediaBlob,
  type MediaError,
  type MediaKey,
  mediaTag,
  toMediaKey,
} from './media/blob.ts';
export { MEDIA_DIGEST_BYTES, type MediaDigest, startMediaDigest } from './media/digest.ts';
export { type ChunkPlace, MEDIA, mediaLayout, type MediaLayout } from './media/layout.ts';
