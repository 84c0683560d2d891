/** Messages, newest first, by the month in which they were written. Pure. */
import type { MessageItem, Millis } from '@securechat/sync/api';

export interface Month {
  /** Its first moment here. */
  readonly time: Millis;
  readonly items: readonly MessageItem[];
}

export function byMonth(items: readonly MessageItem[]): readonly Month[] {
  const months = new Map<Millis, MessageItem[]>();
  for (const item of items) {
    const date = new Date(item.time);
    const time = new Date(date.getFullYear(), date.getMonth()).getTime();
    const month = months.get(time);
    if (month === undefined) months.set(time, [item]);
    else month.push(item);
  }
  return [...months].map(([time, ofMonth]) => ({ time, items: ofMonth }));
}
