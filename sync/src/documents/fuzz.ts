/** What the fuzzer throws bytes at: decoders of what a contact or a damaged disk may hand us. None may throw. */
import { decodeChatState } from './chat-state.ts';
import { parseChange, splitChunks } from './change.ts';
import { recallEntry } from './entry.ts';
import { decodeSummary } from './summary.ts';

export const fuzzTargets: Record<string, (bytes: Uint8Array) => unknown> = {
  change: (bytes) => parseChange(bytes),
  changeRecord: (bytes) => {
    const change = parseChange(bytes);
    return change.ok ? recallEntry(change.value) : undefined;
  },
  chunks: (bytes) => splitChunks(bytes),
  summary: (bytes) => decodeSummary(bytes),
  chatState: (bytes) => decodeChatState(bytes),
};
