/**
 * The messages between a page and the engine, and the pipe that carries them. Both ends are the same build of the
 * same origin, yet a tab of an older build may be open: everything that arrives is parsed here, and what is not
 * understood is dropped.
 *
 *   page -> engine   hello | call | watch | stop        (each names its `client`, so that answers find the way back)
 *   engine -> page   up | answer | failed | snapshot
 *
 * `term` names one run of the engine. A page that hears of a new term sends its open calls and watches again.
 */
import type { CallName, WatchName } from '../api.ts';

export interface Hello {
  readonly type: 'hello';
  readonly client: string;
}
export interface CallMessage {
  readonly type: 'call';
  readonly client: string;
  readonly id: string;
  readonly name: CallName;
  readonly input: unknown;
}
export interface WatchMessage {
  readonly type: 'watch';
  readonly client: string;
  readonly id: string;
  readonly name: WatchName;
  readonly args: unknown;
}
export interface StopMessage {
  readonly type: 'stop';
  readonly client: string;
  readonly id: string;
}
export type ToEngine = Hello | CallMessage | WatchMessage | StopMessage;

export type ToPage =
  | { readonly type: 'up'; readonly term: string }
  | { readonly type: 'answer'; readonly term: string; readonly id: string; readonly result: unknown }
  /** The call threw: a bug in the engine. `reason` is its error's name, never user data. */
  | { readonly type: 'failed'; readonly term: string; readonly id: string; readonly reason: string }
  | { readonly type: 'snapshot'; readonly term: string; readonly id: string; readonly value: unknown };

/** A pipe of structured-cloneable values: what a test, a MessagePort and a BroadcastChannel have in common. */
export interface Pipe {
  send(message: ToEngine | ToPage): void;
  /** Calls `onMessage` for each arriving value; returns the function that stops it. */
  listen(onMessage: (message: unknown) => void): () => void;
}

const CALLS: Readonly<Record<CallName, true>> = {
  createAccount: true,
  startLinking: true,
  cancelLinking: true,
  restore: true,
  unlock: true,
  lock: true,
  setPassphrase: true,
  eraseDevice: true,
  setProfile: true,
  setSettings: true,
  claimHandle: true,
  releaseHandle: true,
  invite: true,
  readInvitation: true,
  addByLink: true,
  findHandle: true,
  addByHandle: true,
  acceptRequest: true,
  setBlocked: true,
  setNickname: true,
  safetyNumber: true,
  setVerified: true,
  verifyByQr: true,
  shareHistory: true,
  createGroup: true,
  addMembers: true,
  removeMember: true,
  unbanMember: true,
  leaveGroup: true,
  setMemberRole: true,
  setGroupInfo: true,
  setGroupPermissions: true,
  setPinned: true,
  createGroupInvite: true,
  showGroupInvite: true,
  revokeGroupInvite: true,
  readGroupInvitation: true,
  joinGroup: true,
  cancelJoin: true,
  answerRequest: true,
  whyHere: true,
  rosterAt: true,
  sendMessage: true,
  createPoll: true,
  vote: true,
  closePoll: true,
  sendMedia: true,
  pauseSending: true,
  resumeSending: true,
  cancelSending: true,
  loadMedia: true,
  cancelMedia: true,
  askForMedia: true,
  mediaBytes: true,
  mediaUse: true,
  freeMedia: true,
  forwardMessage: true,
  openOnce: true,
  postStatus: true,
  deleteStatus: true,
  viewStatus: true,
  muteStatuses: true,
  replyToStatus: true,
  reactToStatus: true,
  setStatusAudience: true,
  retryMessage: true,
  editMessage: true,
  react: true,
  deleteForEveryone: true,
  deleteForMe: true,
  setStarred: true,
  setTimer: true,
  setDraft: true,
  setTyping: true,
  markRead: true,
  setChatFlags: true,
  readLinkCode: true,
  confirmLink: true,
  declineLink: true,
  renameDevice: true,
  unlinkDevice: true,
  createRecovery: true,
  backupPart: true,
  importBackupPart: true,
  dismissAlarm: true,
  storageUse: true,
  exportPart: true,
  reconnect: true,
  startCall: true,
  answerCall: true,
  declineCall: true,
  moveCall: true,
  hangUp: true,
  dismissCall: true,
  holdCall: true,
  tellCallMedia: true,
  sendSignal: true,
  takeSignals: true,
  reportConnection: true,
  keepCall: true,
  iceServers: true,
  joinGroupCall: true,
  leaveGroupCall: true,
  ignoreGroupCall: true,
  tellGroupCall: true,
  sendGroupSignal: true,
  takeGroupSignals: true,
  keepGroupCall: true,
};

const WATCHES: Readonly<Record<WatchName, true>> = {
  phase: true,
  connection: true,
  profile: true,
  settings: true,
  contacts: true,
  chats: true,
  chat: true,
  group: true,
  receipts: true,
  joins: true,
  timeline: true,
  search: true,
  sendings: true,
  collection: true,
  media: true,
  statuses: true,
  statusesOf: true,
  statusViewers: true,
  statusAudience: true,
  call: true,
  callElsewhere: true,
  callWire: true,
  callList: true,
  groupCalls: true,
  groupCallWire: true,
  alarms: true,
  devices: true,
  linking: true,
  history: true,
  protection: true,
};

const isCallName = (name: unknown): name is CallName => typeof name === 'string' && Object.hasOwn(CALLS, name);
const isWatchName = (name: unknown): name is WatchName => typeof name === 'string' && Object.hasOwn(WATCHES, name);

/** The message that a page sent, or undefined when it is not one of this build's. */
export function parseToEngine(value: unknown): ToEngine | undefined {
  const { type, client, id, name, input, args } = fields(value);
  if (typeof client !== 'string') return undefined;
  if (type === 'hello') return { type, client };
  if (typeof id !== 'string') return undefined;
  if (type === 'stop') return { type, client, id };
  if (type === 'call' && isCallName(name)) return { type, client, id, name, input };
  if (type === 'watch' && isWatchName(name)) return { type, client, id, name, args };
  return undefined;
}

/** The message that the engine sent, or undefined when it is not one of this build's. */
export function parseToPage(value: unknown): ToPage | undefined {
  const message = fields(value);
  const { type, term, id } = message;
  if (typeof term !== 'string') return undefined;
  if (type === 'up') return { type, term };
  if (typeof id !== 'string') return undefined;
  if (type === 'answer') return { type, term, id, result: message['result'] };
  if (type === 'failed') return { type, term, id, reason: String(message['reason']) };
  if (type === 'snapshot') return { type, term, id, value: message['value'] };
  return undefined;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
