/** Every cap of the wire in one place. A value over its cap is refused by the decoder, before anything is allocated for it. */
export const LIMITS = {
  /** Bytes of one envelope's sealed content. */
  dataBytes: 256 * 1024,
  /** Mailboxes that one post may name. */
  recipients: 1024,
  /** Ids in one ack. */
  ackIds: 1024,
  /** Characters of a server's URL. */
  urlBytes: 240,
  /** TURN servers that a client is told of, URLs of one, and characters of a user name or credential for it. */
  iceServers: 4,
  iceUrls: 8,
  iceSecretBytes: 256,
  /** Characters of a sign-in token. */
  tokenBytes: 2048,
  /** Bytes of the largest legal frame: a post to 1024 mailboxes with full content. */
  frameBytes: 1 + 16 + 1 + 2 + 1024 * 16 + 256 * 1024,
  /** Bytes of the largest legal HTTP request body. */
  bodyBytes: 512 * 1024,
  /** Bytes of a device log. */
  deviceLogBytes: 64 * 1024,
  /** Devices of one account. */
  devices: 32,
  /** Bytes of a signed pre-key bundle. */
  signedPreKeyBytes: 4096,
  /** Bytes of one one-time pre-key. */
  oneTimePreKeyBytes: 2048,
  /** One-time pre-keys that one device may keep on the relay. */
  oneTimePreKeys: 200,
  /** Characters of an invite code. */
  inviteBytes: 128,
  /** Bytes of a sign-in challenge. */
  challengeBytes: 32,
  /** Slots of one rendezvous, numbered from 0. */
  rendezvousSlots: 8,
  /** Bytes of one slot. */
  rendezvousBytes: 256 * 1024,
} as const;
