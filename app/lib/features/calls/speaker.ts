/** Who is large in a call of a group. Pure. */
import type { MemberInCall } from './group-session.svelte.ts';

type Heard = Pick<MemberInCall, 'deviceId' | 'me' | 'level' | 'media' | 'isShown'>;

/** Louder is speech; below is a quiet room. Of 0 to 1. */
export const SPEECH = 0.02;
/** So much louder than who is large somebody has to be: those who only cough do not take turns. */
const CLEARLY = 1.5;

/** Whoever shares a screen that is sent; the first of several. */
export function sharerOf<M extends Heard>(members: readonly M[]): M | undefined {
  return members.find(({ media, isShown }) => media.screen && isShown);
}

/** The loudest of the others; who was large stays while nobody is clearly louder. Undefined: nobody is there. */
export function speakerOf<M extends Heard>(members: readonly M[], before: string | undefined): M | undefined {
  const others = members.filter(({ me }) => !me);
  const current = others.find(({ deviceId }) => deviceId === before);
  const loudest = others.toSorted((a, b) => b.level - a.level)[0];
  const takes = loudest && loudest.level > SPEECH && loudest.level > (current?.level ?? 0) * CLEARLY;
  return takes ? loudest : (current ?? others[0] ?? members[0]);
}

/** Those who raise their hand, who raised it first first. */
export function handsOf<M extends Pick<MemberInCall, 'hand'>>(members: readonly M[]): readonly M[] {
  return members.filter(({ hand }) => hand !== undefined).toSorted((a, b) => (a.hand ?? 0) - (b.hand ?? 0));
}
