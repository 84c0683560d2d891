/** What the fuzzer throws bytes at: decoders of what a contact or a damaged disk may hand us. None may throw. */
import { decodeChatState } from './chat/chat-state.ts';
import { parseChange, splitChunks } from './change/change.ts';
import { recallEntry } from './change/entry.ts';
import { parseFieldChange } from './personal/field-change.ts';
import { decodePersonalSummary } from './personal/personal-summary.ts';
import { decodeSummary } from './repair/summary.ts';

export const fuzzTargets: Record<string, (bytes: Uint8Array) => unknown> = {
  change: (bytes) => parseChange(bytes),
  changeRecord: (bytes) => {
    const change = parseChange(bytes);
    return change.ok ? recallEntry(change.value) : undefined;
  },
  chunks: (bytes) => splitChunks(bytes),
  summary: (bytes) => decodeSummary(bytes),
  chatState: (bytes) => decodeChatState(bytes),
  fieldChange: (bytes) => parseFieldChange(bytes, ['settings']),
  personalSummary: (bytes) => decodePersonalSummary(bytes),
};
