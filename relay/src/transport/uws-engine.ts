/** Finds the native engine. Its package would print and fall back to JavaScript where it has no build; here that is a value. */
import { createRequire } from 'node:module';
import type * as Uws from 'uWebSockets.js';

/** The native engine. */
export type UwsEngine = typeof Uws;

/** The engine for this platform and Node, or undefined when there is no build for them. */
export function loadUws(): UwsEngine | undefined {
  const require = createRequire(import.meta.url);
  const file = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
  for (const folder of ['binaries/', '']) {
    try {
      return require(`uWebSockets.js/${folder}${file}`) as UwsEngine;
    } catch {
      continue;
    }
  }
  return undefined;
}
