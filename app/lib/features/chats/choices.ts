/** People and chats of which several can be ticked. Pure. */
import type { Avatar } from '@securechat/sync/api';
import { holdsWords } from './chat-order.ts';

export interface Choice {
  readonly id: string;
  readonly name: string;
  /** What its colour is derived from. */
  readonly seed: string;
  readonly avatar?: Avatar | undefined;
  /** The note to self. */
  readonly self?: boolean;
}

export function matching(choices: readonly Choice[], query: string): readonly Choice[] {
  return choices.filter(({ name }) => holdsWords(name, query));
}

/** The chosen ones with one more, or one fewer. */
export function toggled(chosen: readonly string[], id: string): readonly string[] {
  return chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id];
}
