/** What fuzzing feeds with arbitrary bytes: every decoder of this folder. None of these may throw. */
import { decodeChatRecord } from './chat-head.ts';
import { decodeDue } from './expiry.ts';
import { TIMELINE_WIDTH, VOICE_WIDTH } from './keys.ts';
import { leafIndex } from './packed-list.ts';
import { decodeDirectory, decodeLeaf } from './packed-list-bytes.ts';
import { decodeState, rowOf, stateToText } from './row.ts';
import { excerptOf } from './search/excerpt.ts';
import { foldText } from './search/folded-text.ts';
import { decodeBlock, searchBlock, unpackTexts } from './search/text-block.ts';
import { joinStates } from './state.ts';

/** Each takes any bytes and uses what it decodes, as the projection would. */
export const fuzzTargets: Record<string, (bytes: Uint8Array) => unknown> = {
  'projection row': (bytes) => {
    const state = decodeState(bytes);
    return state && [stateToText(joinStates(state, state)), rowOf('chat', 'me', state)];
  },
  'projection leaf': (bytes) => [decodeLeaf(bytes, TIMELINE_WIDTH), decodeLeaf(bytes, VOICE_WIDTH)],
  'projection directory': (bytes) => {
    const directory = decodeDirectory(bytes, VOICE_WIDTH);
    return directory && leafIndex(directory, 'a');
  },
  'projection chat record': decodeChatRecord,
  'projection expiry': decodeDue,
  'projection text block': (bytes) => {
    const block = decodeBlock(bytes);
    return block && [searchBlock(block, 'a'), unpackTexts(block)];
  },
  'projection folding': (bytes) => excerptOf(new TextDecoder().decode(bytes), foldText('A')),
};
