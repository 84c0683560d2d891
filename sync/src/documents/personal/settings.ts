/** The user's settings: names and plain values; what they mean is the engine's business. */
import { type Readable, Source } from '../../readable.ts';
import type { FlatDocument, Shape } from './flat-document.ts';

export type SettingValue = string | number | boolean;

export interface SettingsDocument extends Readable<Readonly<Record<string, SettingValue>>> {
  /** Sets some; undefined forgets one. */
  set(change: Readonly<Record<string, SettingValue | undefined>>): Promise<void>;
}

const TABLE = 'settings';
export const SETTINGS: Shape = { name: 'settings', tables: [TABLE] };

export function settingsDocument(document: FlatDocument): SettingsDocument {
  const source = new Source(readSettings(document));
  document.onChange(() => {
    source.set(readSettings(document));
  });
  return {
    get: () => source.get(),
    subscribe: (onChange) => source.subscribe(onChange),
    set: (change) => document.write(Object.entries(change).map(([key, value]) => ({ table: TABLE, key, value }))),
  };
}

function readSettings(document: FlatDocument): Readonly<Record<string, SettingValue>> {
  const entries = document.keys(TABLE).flatMap((key) => {
    const value = document.get(TABLE, key);
    return value === undefined || value instanceof Uint8Array ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}
