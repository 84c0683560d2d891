/** The wire between a client and a relay. Runs anywhere; imports nothing. */
export * from './result.ts';
export * from './base64url.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './codes.ts';
export type { DecodeError } from './codec.ts';
export * from './frames.ts';
export type { Json, Malformed, Parsed } from './json.ts';
export * from './endpoints.ts';
export * from './signing.ts';
export * from './tokens.ts';
export * from './version.ts';
