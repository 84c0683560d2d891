/** What the fuzzer throws bytes at: decoders of records. None may throw. */
import type { ChatId } from '@securechat/crypto';
import { openOriginal, recallOriginal } from './carried.ts';
import { decodeContent, splitSigned } from './record.ts';

export const fuzzTargets: Record<string, (bytes: Uint8Array) => unknown> = {
  record: (bytes) => decodeContent(bytes),
  signedRecord: (bytes) => splitSigned(bytes),
  carried: (bytes) => openOriginal(bytes, { chatId: 'AAAAAAAAAAAAAAAAAAAAAA' as ChatId, isKnown: () => true, now: 0 }),
  carriedRecall: (bytes) => recallOriginal(bytes),
};
