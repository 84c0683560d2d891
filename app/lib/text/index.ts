/** Every string that the app shows, in one table. */
import { callList, callSettings, calls, comparing, ended, inCall, incoming } from './calls.ts';
import { chat, composer, earlier, pins, readOnly, request, ticks, failures } from './chat.ts';
import { chats, folders, search } from './chats.ts';
import { collections } from './collections.ts';
import { devices, linkDevice } from './devices.ts';
import { callQuestion, groupCall, groupCalls, groupRinging } from './group-calls.ts';
import { act, group, newGroup, picker, receipts } from './groups.ts';
import { groupLinks, join, joinRequests, proof } from './joining.ts';
import { forward, gallery, media, pick, sending, storage, tray, voice } from './media.ts';
import { avatar, comeBack, linkThis, onboarding, restore, restored, unlock } from './onboarding.ts';
import { attach, mentions, poll } from './polls.ts';
import { add, contact, newChat, safety, scanner } from './people.ts';
import { backup, phrase, recovery } from './recovery.ts';
import { settings } from './settings.ts';
import { audience, status, statusPost, statusQuote, statusView, statusViewers } from './status.ts';
import { timer } from './timer.ts';
import { broken, common, connection, firstSteps, history, shell, shortcuts, unlinked } from './shell.ts';

export const text = {
  act,
  add,
  attach,
  audience,
  avatar,
  backup,
  broken,
  callList,
  callQuestion,
  callSettings,
  calls,
  chat,
  chats,
  collections,
  comeBack,
  common,
  comparing,
  composer,
  connection,
  contact,
  devices,
  earlier,
  ended,
  failures,
  firstSteps,
  folders,
  forward,
  gallery,
  group,
  groupCall,
  groupCalls,
  groupLinks,
  groupRinging,
  history,
  inCall,
  incoming,
  join,
  joinRequests,
  linkDevice,
  linkThis,
  media,
  mentions,
  newChat,
  newGroup,
  onboarding,
  phrase,
  pick,
  picker,
  pins,
  poll,
  proof,
  readOnly,
  receipts,
  recovery,
  request,
  restore,
  restored,
  safety,
  scanner,
  search,
  sending,
  settings,
  shell,
  shortcuts,
  status,
  statusPost,
  statusQuote,
  statusView,
  statusViewers,
  storage,
  ticks,
  timer,
  tray,
  unlinked,
  unlock,
  voice,
};
export { describeCallEvent, describeEnd, describeEntry, describePhase, describeTrouble, isMissed } from './calls.ts';
export { describeCompleteness } from './completeness.ts';
export { type AlarmPlace, describeAlarm, describeEvent, describeTyping, sayTyping } from './chat.ts';
export { describeAll, describeMedia, describePreview } from './media.ts';
export { describeInCall, describeMember, nameOfMember } from './group-calls.ts';
export { type HistoryChoice, describeGroupEvent } from './groups.ts';
export { describeGrant } from './joining.ts';
export { formatLeft, formatSince } from './status.ts';
export { TIMES } from './timer.ts';
export { UNEXPECTED, describeError } from './errors.ts';
export {
  formatAgo,
  formatBytes,
  formatDate,
  formatDay,
  formatDuration,
  formatLimit,
  formatListTime,
  formatMoment,
  formatShortMoment,
  formatMonth,
  formatTime,
} from './dates.ts';
