/**
 * Every domain-separation string of the package, in one place, so that two uses of one key can be seen not to collide.
 * A label is part of the protocol: changing one is a new protocol version. None contains a NUL byte (C-SIG-1).
 */

/** Labels of hashes, key derivations and signatures. */
export const LABELS = {
  // Ids (C-ID-1, C-ID-2): computed by the relay too.
  accountId: 'SecureChat account v1',
  deviceId: 'SecureChat device v1',
  directChatId: 'SecureChat direct chat v1',

  // Device log and safety number.
  deviceLogGenesis: 'SecureChat device log genesis v2',
  deviceLogEntry: 'SecureChat device log entry v2',
  deviceLogAuthority: 'SecureChat device log authority v2',
  safetyNumber: 'SecureChat safety number v1',

  // PQXDH section 2.2, `info`: application, curve, hash and KEM.
  handshake: 'SecureChat_X25519_SHA-256_ML-KEM-768 v1',
  handshakeTranscript: 'SecureChat handshake transcript v1',
  signedPreKey: 'SecureChat signed pre-key v1',
  oneTimePreKey: 'SecureChat one-time pre-key v1',
  oneTimeSecrets: 'SecureChat one-time pre-key secrets v1',
  signedSecrets: 'SecureChat signed pre-key secrets v1',

  // Double Ratchet section 5.2.
  rootKey: 'SecureChat ratchet root v1',

  // Sealed envelope.
  envelopeSender: 'SecureChat envelope sender v1',
  envelopeMessage: 'SecureChat envelope message v1',

  // Chats and records.
  directChatSecret: 'SecureChat direct chat secret v1',
  record: 'SecureChat record v1',
  authorProof: 'SecureChat author proof v1',
  authorCertificate: 'SecureChat author certificate v1',

  // Groups.
  groupChatId: 'SecureChat group chat v1',
  groupChatSecret: 'SecureChat group chat secret v1',
  groupHeaderKey: 'SecureChat group header v1',
  groupMark: 'SecureChat group mark v1',
  groupEnvelope: 'SecureChat group envelope v1',
  groupMessage: 'SecureChat group message v1',
  groupInvite: 'SecureChat group invite v1',
  senderKeyId: 'SecureChat sender key v1',
  senderKeyProof: 'SecureChat sender key proof v1',

  // Recovery phrase. The id is computed by the relay too.
  recoveryId: 'SecureChat recovery v1',
  recoveryKey: 'SecureChat recovery key v1',
  recoveryEscrow: 'SecureChat recovery escrow v1',
  backupKey: 'SecureChat backup key v1',

  // Linking a device.
  linkRendezvous: 'SecureChat link rendezvous v1',
  linkOffer: 'SecureChat link offer v1',
  linkReply: 'SecureChat link reply v1',
  linkReveal: 'SecureChat link reveal v1',
  linkCommitment: 'SecureChat link commitment v1',
  linkTranscript: 'SecureChat link transcript v1',
  linkComparison: 'SecureChat link comparison v1',
  linkGrant: 'SecureChat link grant v1',

  // Media.
  mediaTag: 'SecureChat media tag v2',
  mediaChunks: 'SecureChat media chunks v2',
  mediaFile: 'SecureChat media file v2',

  // Vault.
  vaultKey: 'SecureChat vault key v1',
  vaultWrap: 'SecureChat vault wrap v1',
} as const;
