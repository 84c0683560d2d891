/** Times and sizes as people read them. Pure: `now` and the locale are given. */
import type { Millis } from '@securechat/sync/api';
import { chat } from './chat.ts';

type Locale = string | undefined;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making an Intl format is slow, using one is not. */
function formatOf(locale: Locale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known;
}

/** Days since an epoch in the device's own time zone, so that two times of one calendar day have one number. */
export function dayOf(time: Millis): number {
  const date = new Date(time);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

/** 14:05 */
export function formatTime(time: Millis, locale?: Locale): string {
  return formatOf(locale, { hour: 'numeric', minute: '2-digit' }).format(time);
}

/** Wednesday, 20 May 2026 at 14:05 */
export function formatMoment(time: Millis, locale?: Locale): string {
  return formatOf(locale, { dateStyle: 'full', timeStyle: 'short' }).format(time);
}

/** 20 May 2026, 14:05 */
export function formatShortMoment(time: Millis, locale?: Locale): string {
  return formatOf(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}

/** Today, Yesterday, Tuesday, 3 March, 3 March 2024. */
export function formatDay(time: Millis, now: Millis, locale?: Locale): string {
  const days = dayOf(now) - dayOf(time);
  if (days === 0) return chat.today;
  if (days === 1) return chat.yesterday;
  if (days > 1 && days < 7) return formatOf(locale, { weekday: 'long' }).format(time);
  if (isSameYear(time, now)) return formatOf(locale, { day: 'numeric', month: 'long' }).format(time);
  return formatOf(locale, { day: 'numeric', month: 'long', year: 'numeric' }).format(time);
}

/** For the chat list: the time today, else as short a day as is clear. */
export function formatListTime(time: Millis, now: Millis, locale?: Locale): string {
  const days = dayOf(now) - dayOf(time);
  if (days === 0) return formatTime(time, locale);
  if (days === 1) return chat.yesterday;
  if (days > 1 && days < 7) return formatOf(locale, { weekday: 'short' }).format(time);
  if (isSameYear(time, now)) return formatOf(locale, { day: 'numeric', month: 'short' }).format(time);
  return formatOf(locale, { day: 'numeric', month: 'numeric', year: '2-digit' }).format(time);
}

/** March 2024 */
export function formatMonth(time: Millis, locale?: Locale): string {
  return formatOf(locale, { month: 'long', year: 'numeric' }).format(time);
}

/** 3 Mar 2024 */
export function formatDate(time: Millis, locale?: Locale): string {
  return formatOf(locale, { dateStyle: 'medium' }).format(time);
}

const HOUR = 3_600_000;

/** How long ago, to the hour at best: within the last hour, 5 hours ago, yesterday, 12 days ago, on 3 Mar 2024. */
export function formatAgo(time: Millis, now: Millis, locale?: Locale): string {
  const hours = Math.floor((now - time) / HOUR);
  const days = dayOf(now) - dayOf(time);
  if (hours < 1) return 'within the last hour';
  if (days === 0) return hours === 1 ? 'an hour ago' : `${String(hours)} hours ago`;
  if (days === 1) return 'yesterday';
  return days < 60 ? `${String(days)} days ago` : `on ${formatDate(time, locale)}`;
}

/** 1.2 MB */
export function formatBytes(bytes: number, locale?: Locale): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const unit = units[step] ?? 'byte';
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    // Only the long one knows a plural: 0 bytes.
    unitDisplay: unit === 'byte' ? 'long' : 'short',
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}

/** A limit that was set in powers of 1024, as round as it was set: 16 MB, 1 GB. */
export function formatLimit(bytes: number, locale?: Locale): string {
  const power = bytes >= 1024 ** 3 ? 3 : 2;
  return formatBytes((bytes / 1024 ** power) * 1000 ** power, locale);
}

function isSameYear(a: Millis, b: Millis): boolean {
  return new Date(a).getFullYear() === new Date(b).getFullYear();
}
