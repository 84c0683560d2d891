/**
 * Everything in this package that takes bytes from outside or from a store, as functions that must answer and never
 * throw. `npm run fuzz` drives them with random and mutated bytes; `fuzz.test.ts` does so in every test run.
 * Importing it waits for libsodium.
 */
import {
  acceptDistribution,
  type Account,
  addDevice,
  answerOffer,
  createAccount,
  createAuthorKey,
  createDevice,
  createGroupSecret,
  createInvite,
  createLinkCode,
  createMasterKey,
  createPreKeys,
  createRecovery,
  createSenderKey,
  decodeAccount,
  decodeAuthorKey,
  decodeDevice,
  decodeDeviceLog,
  decodePreKeys,
  decodeReceivedSenderKey,
  decodeSenderKey,
  decodeSessions,
  deriveKey,
  type Device,
  directChatId,
  distributionOf,
  emptySessions,
  encodeAccount,
  encodeAuthorKey,
  encodeDevice,
  encodeDeviceLog,
  encodePreKeys,
  encodeReceivedSenderKey,
  encodeSenderKey,
  encodeSessions,
  ESCROW_BYTES,
  formatInviteSecret,
  formatLinkCode,
  fromBase64Url,
  groupHeaderKey,
  checkBlob,
  concat,
  createMediaKey,
  mediaBlob,
  matchSafetyNumberQr,
  offerLink,
  openEnvelope,
  openEscrow,
  openFromGroup,
  openGrant,
  openGroupEnvelope,
  openMessage,
  openPreKeyBundle,
  openValue,
  parseInviteSecret,
  parseLinkCode,
  publishPreKeys,
  type Random,
  readRecoveryWords,
  readReveal,
  ready,
  recoveryKeyOf,
  recoveryWords,
  removeDevice,
  revealLink,
  sealEnvelope,
  sealEscrow,
  sealGrant,
  sealGroupEnvelope,
  sealMessage,
  sealValue,
  seededRandom,
  setRecovery,
  startDeviceLog,
  startOpening,
  startSealing,
  startSession,
  toAccountId,
  toAccountKey,
  toChatId,
  unpad,
  padToBucket,
  unwrapMasterKey,
  utf8,
  verifyAsAccount,
  verifyAuthorCertificate,
  verifyInvite,
  verifyRecord,
  wrapMasterKey,
} from '../src/index.ts';

const CHEAP = { operations: 1, memoryKiB: 8 };
const AD = utf8('fuzz');
const WRAPPED_HEADER_BYTES = 9;

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A log with every kind of entry and every kind of authority. */
function createLog(account: Account, device: Device, random: Random) {
  const recovery = createRecovery(random);
  const [by, second] = [{ type: 'device', device } as const, createDevice(random)];
  const escrow = new Uint8Array(ESCROW_BYTES);
  let log = startDeviceLog(account, device, 1);
  log = addDevice(log, account, by, { deviceKey: second.publicKey, time: 2 });
  log = setRecovery(log, account, by, { recoveryKey: recoveryKeyOf(recovery), escrow, time: 3 });
  log = removeDevice(log, account, by, second.id, 4);
  const third = { deviceKey: createDevice(random).publicKey, time: 5 };
  return addDevice(log, account, { type: 'recovery', recovery }, third);
}

/** One ceremony, with both sides waiting for their next message. */
function createLink(random: Random) {
  const code = createLinkCode(random);
  const offered = offerLink({ code, time: 1, hello: AD, random });
  const answered = answerOffer({ code, offer: offered.offer, random });
  const revealed = answered.ok ? revealLink(offered.state, answered.value.reply) : answered;
  const compared = answered.ok && revealed.ok ? readReveal(answered.value.state, revealed.value.reveal) : undefined;
  if (!answered.ok || !revealed.ok || !compared?.ok) throw new Error('fuzz world: link');
  const grant = sealGrant(compared.value.state, AD, random);
  return { code, random, offered, answered: answered.value, revealed: revealed.value, grant };
}

/** One group with one sender, and a member that skipped a message of its. */
function createGroup(account: Account, device: Device, random: Random) {
  const owner = { chatId: directChatId(account.id, account.id), deviceId: device.id };
  const headerKey = groupHeaderKey(createGroupSecret(random));
  const senderKey = createSenderKey({ random, now: 1 });
  const distribution = distributionOf(senderKey, owner);
  const input = { headerKey, plaintext: AD, ad: AD, random };
  const first = sealGroupEnvelope({ senderKey, ...input });
  const second = sealGroupEnvelope({ senderKey: first.next, ...input });
  const [told, opened] = [acceptDistribution(distribution, owner), openGroupEnvelope(second.envelope, headerKey)];
  if (!told.ok || !opened.ok) throw new Error('fuzz world: group');
  const { message } = opened.value;
  const skipped = openFromGroup(told.value, { message, ad: AD, now: 1 });
  if (!skipped.ok) throw new Error('fuzz world: group message');
  const { envelope } = second;
  return {
    owner,
    headerKey,
    senderKey,
    distribution,
    envelope,
    message,
    told: told.value,
    skipped: skipped.value.next,
  };
}

/** One device, one peer that writes to it, and one genuine input for each target. */
async function createWorld() {
  const random = seededRandom(new Uint8Array(32).fill(5));
  const [account, device, peer] = [createAccount(random), createDevice(random), createDevice(random)];
  const author = createAuthorKey(random);
  const preKeys = createPreKeys(device, random, { now: 1, oneTime: 2, firstId: 1 });
  const published = publishPreKeys(preKeys, device, AD);
  const log = createLog(account, device, random);
  const master = createMasterKey(random);
  const key = deriveKey(master, 'fuzz');
  const bundle = openPreKeyBundle(device.publicKey, published.signed, published.oneTime[0]);
  if (!bundle.ok) throw new Error('fuzz world: bundle');
  const started = startSession(emptySessions(), { self: peer, peer: bundle.value, random, now: 1 });
  if (!started.ok) throw new Error('fuzz world: session');
  const sealed = sealMessage(started.value, { plaintext: AD, ad: AD, random });
  if (!sealed.ok) throw new Error('fuzz world: seal');
  const { message, next } = sealed.value;
  const from = { accountKey: account.publicKey, device: peer };
  const link = createLink(random);
  const group = createGroup(account, device, random);
  const invite = createInvite(random);
  const recovery = createRecovery(random);
  const stream = startSealing(key, random);
  const media = mediaBlob(createMediaKey(random), AD.length);
  const mediaChunk = await media.seal(0, AD);
  const samples: Readonly<Record<string, Uint8Array>> = {
    account: encodeAccount(account),
    device: encodeDevice(device),
    author: encodeAuthorKey(author),
    deviceLog: encodeDeviceLog(log),
    preKeys: encodePreKeys(preKeys),
    signedPreKey: published.signed,
    oneTimePreKey: published.oneTime[0]?.bytes ?? new Uint8Array(),
    sessions: encodeSessions(next),
    message,
    envelope: sealEnvelope({ from, to: device.publicKey, message, random }),
    padding: padToBucket(AD),
    wrapped: wrapMasterKey({ passphrase: 'x', master, random, cost: CHEAP }).slice(WRAPPED_HEADER_BYTES),
    value: sealValue(key, AD, AD, random),
    signature: new Uint8Array(64),
    record: new Uint8Array(64),
    certificate: new Uint8Array(64),
    publicKey: account.publicKey.slice(),
    senderKey: encodeSenderKey(group.senderKey),
    receivedSenderKey: encodeReceivedSenderKey(group.skipped),
    distribution: group.distribution,
    groupMessage: group.message,
    groupEnvelope: group.envelope,
    inviteProof: new Uint8Array(64),
    inviteSecret: utf8(formatInviteSecret(invite.secret)),
    linkCode: utf8(formatLinkCode(link.code)),
    linkOffer: link.offered.offer,
    linkReply: link.answered.reply,
    linkReveal: link.revealed.reveal,
    linkGrant: link.grant,
    recoveryWords: utf8(recoveryWords(recovery).join(' ')),
    escrow: sealEscrow(recovery, account),
    streamHeader: stream.header,
    streamChunk: stream.push(AD, false),
    mediaBlob: concat(media.tag, mediaChunk),
    mediaChunk,
    texts: utf8('securechat-safety:1:AAAA:BBBB'),
  };
  return {
    account,
    device,
    peer,
    author,
    preKeys,
    published,
    key,
    group,
    invite,
    link,
    recovery,
    stream,
    media,
    samples,
  };
}

await ready();
const world = await createWorld();

/** Name of a decoder -> the decoder. Each answers for any bytes, or promises an answer; none throws or rejects. */
export const fuzzTargets: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  account: (bytes) => decodeAccount(bytes),
  device: (bytes) => decodeDevice(bytes),
  author: (bytes) => decodeAuthorKey(bytes),
  deviceLog: (bytes) => decodeDeviceLog(bytes, world.account.publicKey),
  preKeys: (bytes) => decodePreKeys(bytes),
  signedPreKey: (bytes) => openPreKeyBundle(world.device.publicKey, bytes),
  oneTimePreKey: (bytes) => openPreKeyBundle(world.device.publicKey, world.published.signed, { id: 2, bytes }),
  sessions: (bytes) => decodeSessions(bytes),
  message: (message) => {
    const { device: self, preKeys, peer } = world;
    return openMessage(emptySessions(), { self, preKeys, peerDeviceKey: peer.publicKey, message, ad: AD, now: 1 });
  },
  envelope: (bytes) => openEnvelope(world.device, bytes),
  padding: (bytes) => unpad(bytes),
  /** Behind a fixed cheap header: a random cost would measure Argon2id, not the decoder. */
  wrapped: (bytes) => unwrapMasterKey('x', Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 8, ...bytes.subarray(0, 4096))),
  value: (bytes) => openValue(world.key, bytes, AD),
  signature: (bytes) => verifyAsAccount(world.account.publicKey, 'label', AD, bytes),
  record: (bytes) => verifyRecord(world.author.publicKey, bytes, bytes),
  certificate: (bytes) => {
    const chat = directChatId(world.account.id, world.account.id);
    return verifyAuthorCertificate(world.device.publicKey, chat, world.author.publicKey, bytes);
  },
  publicKey: (bytes) => toAccountKey(bytes),
  senderKey: (bytes) => decodeSenderKey(bytes),
  receivedSenderKey: (bytes) => decodeReceivedSenderKey(bytes),
  distribution: (bytes) => acceptDistribution(bytes, world.group.owner),
  groupMessage: (message) => openFromGroup(world.group.told, { message, ad: AD, now: 1 }),
  groupEnvelope: (bytes) => openGroupEnvelope(bytes, world.group.headerKey),
  inviteProof: (bytes) => {
    const { owner } = world.group;
    return verifyInvite(world.invite.publicKey, owner.chatId, world.account.id, bytes);
  },
  inviteSecret: (bytes) => parseInviteSecret(text(bytes)),
  linkCode: (bytes) => parseLinkCode(text(bytes)),
  linkOffer: (offer) => answerOffer({ code: world.link.code, offer, random: world.link.random }),
  linkReply: (bytes) => revealLink(world.link.offered.state, bytes),
  linkReveal: (bytes) => readReveal(world.link.answered.state, bytes),
  linkGrant: (bytes) => openGrant(world.link.revealed.state, bytes),
  recoveryWords: (bytes) => readRecoveryWords(text(bytes)),
  escrow: (bytes) => openEscrow(world.recovery, bytes),
  streamHeader: (bytes) => startOpening(world.key, bytes),
  streamChunk: (bytes) => {
    const opening = startOpening(world.key, world.stream.header);
    return opening.ok ? opening.value.pull(bytes) : opening;
  },
  mediaBlob: (bytes) => checkBlob(world.media, bytes, bytes.length),
  mediaChunk: (bytes) => world.media.open(0, bytes),
  texts: (bytes) => {
    const { publicKey } = world.account;
    return [
      fromBase64Url(text(bytes)),
      toAccountId(text(bytes)),
      toChatId(text(bytes)),
      matchSafetyNumberQr(publicKey, publicKey, text(bytes)),
    ];
  },
};

/** Genuine inputs for each target, to mutate. */
export const fuzzSamples: Readonly<Record<string, readonly Uint8Array[]>> = Object.fromEntries(
  Object.entries(world.samples).map(([name, sample]) => [name, [sample]]),
);
