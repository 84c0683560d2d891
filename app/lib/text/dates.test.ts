import { describe, expect, it } from 'vitest';
import { dayOf, formatAgo, formatBytes, formatDay, formatLimit, formatListTime, formatShortMoment } from './dates.ts';

const now = new Date(2026, 4, 20, 10).getTime();
const at = (year: number, month: number, day: number, hour = 12): number => new Date(year, month, day, hour).getTime();

describe('days', () => {
  it('begin at midnight of the device, whatever the clocks do', () => {
    for (let day = 0; day < 366; day++) {
      expect(dayOf(at(2026, 0, 1 + day, 0)) - dayOf(at(2026, 0, 1, 23))).toBe(day);
    }
  });

  it.each([
    [at(2026, 4, 20, 0), 'Today'],
    [at(2026, 4, 19, 23), 'Yesterday'],
    [at(2026, 4, 15), 'Friday'],
    [at(2026, 4, 13), 'May 13'],
    [at(2025, 11, 31), 'December 31, 2025'],
    [at(2026, 4, 22), 'May 22'],
  ])('%i is %s', (time, expected) => {
    expect(formatDay(time, now, 'en-US')).toBe(expected);
  });

  it('are short where there is little room, and still have day and time', () => {
    expect(formatShortMoment(at(2026, 4, 20, 14), 'en-GB')).toBe('20 May 2026, 14:00');
  });

  it('are short in the list', () => {
    expect(formatListTime(at(2026, 4, 20, 14), now, 'en-GB')).toBe('14:00');
    expect(formatListTime(at(2026, 4, 17), now, 'en-GB')).toBe('Sun');
    expect(formatListTime(at(2026, 1, 3), now, 'en-GB')).toBe('3 Feb');
  });
});

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_240, '1.2 kB'],
  [45_600_000, '46 MB'],
  [3_200_000_000_000, '3,200 GB'],
])('%i bytes are %s', (bytes, expected) => {
  expect(formatBytes(bytes, 'en')).toBe(expected);
});

describe('how long ago', () => {
  const evening = new Date(2026, 4, 20, 22).getTime();
  it.each([
    [evening + 60_000, 'within the last hour'],
    [evening - 59 * 60_000, 'within the last hour'],
    [evening - 60 * 60_000, 'an hour ago'],
    [at(2026, 4, 20, 9), '13 hours ago'],
    [at(2026, 4, 19, 23), 'yesterday'],
    [at(2026, 4, 18), '2 days ago'],
    [at(2026, 2, 25), '56 days ago'],
    [at(2025, 11, 31), 'on Dec 31, 2025'],
  ])('%i is %s', (time, expected) => {
    expect(formatAgo(time, evening, 'en-US')).toBe(expected);
  });
});

it('a limit of powers of 1024 is as round as it was set', () => {
  expect([16 * 1024 ** 2, 512 * 1024 ** 2, 1024 ** 3].map((bytes) => formatLimit(bytes, 'en-US'))).toEqual([
    '16 MB',
    '512 MB',
    '1 GB',
  ]);
});
