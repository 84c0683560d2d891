/**
 * What of a chat is of one sort: pictures and videos, files, links, sounds. For each a list of messages in the order of time,
 * so that a page of what is rare costs no walk through the whole chat. Pure.
 */
import type { Collection, MediaKind } from '../api.ts';
import { isDeleted, textOf } from './row.ts';
import type { MessageState } from './state.ts';

export const COLLECTIONS: readonly Collection[] = ['pictures', 'files', 'links', 'sounds'];

/** A message is in as many as it has something for; not when it was deleted or is viewed once. */
export function collectionsOf(state: MessageState): ReadonlySet<Collection> {
  const { message } = state;
  if (message === undefined || message.viewOnce !== undefined || isDeleted(state)) return NONE;
  const collections = new Set((message.media ?? []).map(({ kind }) => OF_KIND[kind]));
  return LINK.test(textOf(state)) ? collections.add('links') : collections;
}

export function isCollection(value: string): value is Collection {
  return COLLECTIONS.some((collection) => collection === value);
}

const NONE: ReadonlySet<Collection> = new Set();

const OF_KIND: Readonly<Record<MediaKind, Collection>> = {
  image: 'pictures',
  video: 'pictures',
  audio: 'sounds',
  voice: 'sounds',
  file: 'files',
};

/** As the app finds addresses; what is none after all shows no link there. */
const LINK = /\bhttps?:\/\/[^\s<>"'`]/iu;
