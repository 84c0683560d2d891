import { expect, it } from 'vitest';
import { count, judge, type Counts } from './quality.ts';

const none: Counts = { at: 0, bytes: 0, received: 0, lost: 0, frames: 0, sounds: 0 };
const after = (received: number, lost: number, roundTrip?: number): Counts => ({
  ...{ ...none, at: 2_000, received, lost },
  ...(roundTrip !== undefined && { roundTrip }),
});

it.each([
  ['good', after(100, 0, 0.05)],
  ['good', after(100, 2)],
  ['fair', after(100, 5, 0.05)],
  ['fair', after(100, 0, 0.3)],
  ['poor', after(100, 20, 0.05)],
  ['poor', after(100, 0, 0.9)],
  ['poor', after(0, 0, 0.05)],
])('is %s by what was lost and how long it takes', (expected, counts) => {
  expect(judge(none, counts)).toBe(expected);
});

it('judges what came since, not what was lost long ago', () => {
  expect(judge(after(100, 90), { ...after(200, 90), at: 4_000 })).toBe('good');
  expect(judge(after(100, 9), { ...after(200, 5), at: 4_000 })).toBe('good');
});

it('counts the pair in use, and what comes in', () => {
  const report = [
    { type: 'transport', id: 'T', selectedCandidatePairId: 'P2' },
    { type: 'candidate-pair', id: 'P1', nominated: true, bytesSent: 9_999, bytesReceived: 9_999 },
    { type: 'candidate-pair', id: 'P2', bytesSent: 100, bytesReceived: 50, currentRoundTripTime: 0.02 },
    { type: 'inbound-rtp', id: 'A', kind: 'audio', packetsReceived: 10, packetsLost: 1 },
    { type: 'inbound-rtp', id: 'V', kind: 'video', packetsReceived: 20, packetsLost: 2, framesDecoded: 7 },
    { type: 'outbound-rtp', id: 'O', kind: 'video', packetsSent: 20 },
  ];
  const counts = { at: 5, bytes: 150, received: 30, lost: 3, frames: 7, sounds: 10, roundTrip: 0.02 };
  expect(count(report, 5)).toEqual(counts);
  expect(count(report.slice(1), 5).bytes).toBe(19_998);
  expect(count([], 5)).toEqual({ ...none, at: 5 });
});
