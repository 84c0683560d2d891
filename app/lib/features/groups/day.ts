/** Days as a date box has them, in the device's own time zone. Pure. */
import type { Millis } from '@securechat/sync/api';

/** 2026-05-20 */
export function isoDay(time: Millis): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The last moment of a day; undefined when the text is none. */
export function endOfDay(day: string): Millis | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!parts) return undefined;
  const next = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + 1);
  return next.getTime() - 1;
}
