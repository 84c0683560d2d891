import { describe, expect, it } from 'vitest';
import type { CallSignal } from '@securechat/sync/api';
import { readSignal } from './read-signal.ts';

const signal = (type: CallSignal['type'], payload: unknown): CallSignal => ({ type, payload: JSON.stringify(payload) });
const media = { type: 'media', connectionId: 'mc_1' };
const offer = { ...media, sdp: { type: 'offer', sdp: 'v=0' }, browser: 'chrome' };
const candidate = { ...media, candidate: { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0' } };

describe('what the other side’s connection says', () => {
  it('is taken when it is a description or a candidate of a media connection', () => {
    expect(readSignal(signal('OFFER', offer))).toEqual({ type: 'OFFER', payload: offer });
    expect(readSignal(signal('CANDIDATE', candidate))).toEqual({ type: 'CANDIDATE', payload: candidate });
    const answer = { ...media, sdp: { type: 'answer', sdp: 'v=0' } };
    expect(readSignal(signal('ANSWER', answer))).toEqual({ type: 'ANSWER', payload: answer });
  });

  it.each<[string, CallSignal]>([
    ['leaving', signal('LEAVE', {})],
    ['no JSON', { type: 'OFFER', payload: '{' }],
    ['a list', signal('OFFER', [offer])],
    ['null', signal('OFFER', null)],
    ['a data connection', signal('OFFER', { ...offer, type: 'data' })],
    ['no connection', signal('OFFER', { ...offer, connectionId: undefined })],
    ['an answer as an offer', signal('OFFER', { ...offer, sdp: { type: 'answer', sdp: 'v=0' } })],
    ['a description without words', signal('OFFER', { ...offer, sdp: { type: 'offer' } })],
    ['a candidate without words', signal('CANDIDATE', { ...candidate, candidate: { sdpMid: '0' } })],
    ['no candidate', signal('CANDIDATE', media)],
  ])('is dropped when it is %s', (_what, given) => {
    expect(readSignal(given)).toBeUndefined();
  });
});
