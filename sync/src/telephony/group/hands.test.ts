/** Since when hands are raised, out of what is said of them again and again. */
import { describe, expect, it } from 'vitest';
import { NOW } from '../../../test/support/group-phone.ts';
import { raised } from './hands.ts';
import type { GroupCall } from './state.ts';
import type { Presence } from '../../payload/group-call-parts.ts';

const call = { since: NOW - 60_000 } as GroupCall;
const said = (hand?: number): Presence => ({ ...(hand !== undefined && { hand }) }) as Presence;

describe('a raised hand', () => {
  it('S-GCALL-16 counts from when it was raised, not from when that was heard, and not from before the call', () => {
    expect(raised(call, said(4_000), NOW)).toEqual({ hand: NOW - 4_000 });
    expect(raised(call, said(3_600_000), NOW)).toEqual({ hand: NOW - 60_000 });
    expect(raised(call, said(), NOW, NOW - 1_000)).toEqual({});
  });

  it('S-GCALL-16 keeps its place whatever words are late, until it is lowered and raised again', () => {
    const first = NOW - 20_000;
    expect(raised(call, said(18_000), NOW, first), 'late by two seconds').toEqual({ hand: first });
    expect(raised(call, said(21_000), NOW, first), 'the first word was late').toEqual({ hand: NOW - 21_000 });
    expect(raised(call, said(3_000), NOW, first), 'another time').toEqual({ hand: NOW - 3_000 });
  });
});
