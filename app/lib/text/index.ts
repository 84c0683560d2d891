/** Every string that the app shows, in one table. */
import { chat, composer, request, ticks, failures, alarms } from './chat.ts';
import { chats, search } from './chats.ts';
import { avatar, onboarding, unlock } from './onboarding.ts';
import { add, contact, newChat, safety, scanner } from './people.ts';
import { settings } from './settings.ts';
import { broken, common, connection, firstSteps, shell, shortcuts } from './shell.ts';

export const text = {
  add,
  alarms,
  avatar,
  broken,
  chat,
  chats,
  common,
  composer,
  connection,
  contact,
  failures,
  firstSteps,
  newChat,
  onboarding,
  request,
  safety,
  scanner,
  search,
  settings,
  shell,
  shortcuts,
  ticks,
  unlock,
};
export { describeEvent } from './chat.ts';
export { UNEXPECTED, describeError } from './errors.ts';
export { formatBytes, formatDay, formatListTime, formatMoment, formatTime } from './dates.ts';
