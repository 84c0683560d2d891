import { toChatId } from '@securechat/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordId } from '../api.ts';
import { fold } from './fold.ts';
import { type Poll, recordIdOf, type VerifiedRecord } from '../records/index.ts';
import type { ProjectableRecord } from './record.ts';
import { decodeState, encodeState, type MessageRow, rowOf, stateToText } from './row.ts';
import {
  AUTHORS,
  type AuthorName,
  CHAT,
  ME,
  PEER,
  START,
  ScriptWriter,
  accountOf,
  idAt,
  randomScript,
  seededNumbers,
  shuffle,
} from './script.fixture.ts';
import { emptyState, joinStates, type MessageState } from './state.ts';

const foldRow = (records: readonly ProjectableRecord[], id: RecordId): MessageRow | undefined => {
  const state = fold(records, accountOf).get(id);
  return state && rowOf(CHAT, ME, state);
};

const printed = (states: ReadonlyMap<RecordId, MessageState>): string[] => [...states.values()].map(stateToText).sort();

describe('what records say of a message', () => {
  it('S-FOLD-1 a message shows as it was written', () => {
    const script = new ScriptWriter();
    const first = script.say('me', 'hello');
    const second = script.say('peer', 'hi', first);
    expect(foldRow(script.records, first)).toMatchObject({
      mine: true,
      account: ME,
      text: 'hello',
      n: 1,
      edited: false,
    });
    expect(foldRow(script.records, second)).toMatchObject({ mine: false, account: PEER, text: 'hi', replyTo: first });
  });

  it('S-FOLD-2 the latest edit wins, whatever order edits come in', () => {
    const script = new ScriptWriter();
    const id = script.say('peer', 'one');
    script.add('peer', { kind: 'edit', target: id, text: 'two' });
    script.add('peerTablet', { kind: 'edit', target: id, text: 'three' });
    expect(foldRow(script.records, id)).toMatchObject({ text: 'three', edited: true });
    expect(foldRow(script.records.toReversed(), id)).toMatchObject({ text: 'three', edited: true });
  });

  it('S-FOLD-3 only the same account may edit or delete, from any of its devices', () => {
    const script = new ScriptWriter();
    const id = script.say('peer', 'mine');
    script.add('me', { kind: 'edit', target: id, text: 'forged' });
    script.add('me', { kind: 'delete', target: id });
    expect(foldRow(script.records, id)).toMatchObject({ text: 'mine', edited: false, deleted: false });
    expect(foldRow(script.records.toReversed(), id)).toMatchObject({ text: 'mine', edited: false, deleted: false });
    script.add('peerTablet', { kind: 'delete', target: id });
    expect(foldRow(script.records, id)).toMatchObject({ text: '', deleted: true });
  });

  it('S-FOLD-4 a delete is final and destroys the text, edits, reply and reactions', () => {
    const script = new ScriptWriter();
    const { id } = script.add('peer', {
      ...{ kind: 'message', text: 'canary-text', replyTo: idAt(5), expires: 60 },
      mentions: [{ at: 0, length: 6, account: 'canary-account' }],
      poll: { options: ['canary-choice', 'canary-other'], multiple: true },
    });
    script.add('peer', { kind: 'edit', target: id, text: 'canary-edit' });
    script.add('me', { kind: 'vote', target: id, choices: 0b11 });
    script.add('peer', { kind: 'close', target: id });
    script.add('me', { kind: 'reaction', target: id, emoji: '👍' });
    script.add('peer', { kind: 'delete', target: id });
    script.add('peer', { kind: 'edit', target: id, text: 'canary-late' });
    for (const records of [script.records, script.records.toReversed()]) {
      const state = fold(records, accountOf).get(id);
      expect(state && rowOf(CHAT, ME, state)).toMatchObject({ text: '', deleted: true, edited: false, reactions: [] });
      expect(state && stateToText(state)).not.toMatch(/canary|👍/);
      expect(state).toMatchObject({ votes: [], closedBy: [], message: { expires: 60 } });
    }
  });

  it('S-FOLD-5 one reaction an account, the latest; an empty one takes it back', () => {
    const script = new ScriptWriter();
    const id = script.say('me', 'hello');
    script.add('peer', { kind: 'reaction', target: id, emoji: '👍' });
    script.add('peerTablet', { kind: 'reaction', target: id, emoji: '😂' });
    script.add('me', { kind: 'reaction', target: id, emoji: '❤️' });
    expect(foldRow(script.records, id)?.reactions).toEqual([
      { account: ME, emoji: '❤️' },
      { account: PEER, emoji: '😂' },
    ]);
    script.add('peer', { kind: 'reaction', target: id });
    expect(foldRow(script.records.toReversed(), id)?.reactions).toEqual([{ account: ME, emoji: '❤️' }]);
  });

  it('S-FOLD-6 effects wait for their message, and show nothing alone', () => {
    const script = new ScriptWriter();
    const id = script.say('peer', 'late');
    script.add('me', { kind: 'edit', target: id, text: 'forged' });
    script.add('peer', { kind: 'edit', target: id, text: 'better' });
    const effects = script.records.slice(1);
    expect(foldRow(effects, id)).toBeUndefined();
    const waiting = fold(effects, accountOf).get(id);
    const message = fold(script.records.slice(0, 1), accountOf).get(id);
    if (waiting === undefined || message === undefined) throw new Error('both states expected');
    expect(rowOf(CHAT, ME, joinStates(waiting, message))).toMatchObject({ text: 'better', edited: true });
  });

  it('S-FOLD-7 records of unknown authors, unknown kinds and malformed targets say nothing', () => {
    const script = new ScriptWriter();
    const id = script.say('me', 'hello');
    script.say('nobody', 'boo');
    script.add('nobody', { kind: 'reaction', target: id, emoji: '👎' });
    script.add('peer', { kind: 'unknown' });
    script.add('peer', { kind: 'edit', target: 'a:b', text: 'x' });
    script.add('peer', { kind: 'delete', target: '' });
    expect(printed(fold(script.records, accountOf))).toEqual(printed(fold(script.records.slice(0, 1), accountOf)));
  });

  it('S-FOLD-7 a malformed quote falls away, the message stays', () => {
    const script = new ScriptWriter();
    const id = script.say('peer', 'hello', 'not;an:id');
    expect(foldRow(script.records, id)).not.toHaveProperty('replyTo');
  });
});

describe('polls', () => {
  const LUNCH = { options: ['soup', 'salad', 'both'], multiple: false };
  const standing = (records: readonly ProjectableRecord[], id: RecordId) => {
    const poll = foldRow(records, id)?.poll;
    expect(foldRow(records.toReversed(), id)?.poll).toEqual(poll);
    return poll;
  };
  const ask = (script: ScriptWriter, poll: Poll): RecordId =>
    script.add('peer', { kind: 'message', text: 'Lunch?', poll }).id;
  const vote = (script: ScriptWriter, author: AuthorName, target: RecordId, choices: number) =>
    script.add(author, { kind: 'vote', target, choices });

  it('S-FOLD-12 the latest vote of an account counts, for choices that there are', () => {
    const script = new ScriptWriter();
    const id = ask(script, { ...LUNCH, multiple: true });
    vote(script, 'me', id, 0b001);
    vote(script, 'me', id, 0b1101);
    vote(script, 'peer', id, 0b010);
    expect(standing(script.records, id)).toEqual({
      ...{ options: LUNCH.options, multiple: true, closed: false },
      votes: [
        { account: ME, choices: [0, 2] },
        { account: PEER, choices: [1] },
      ],
    });
    vote(script, 'peerTablet', id, 0);
    expect(standing(script.records, id)?.votes).toEqual([{ account: ME, choices: [0, 2] }]);
  });

  it('S-FOLD-12 of one choice the first counts where there is to be one', () => {
    const script = new ScriptWriter();
    const id = ask(script, LUNCH);
    vote(script, 'me', id, 0b110);
    vote(script, 'nobody', id, 0b001);
    expect(standing(script.records, id)?.votes).toEqual([{ account: ME, choices: [1] }]);
  });

  it('S-FOLD-13 what is dated after the close does not count, and what came before it still does', () => {
    const script = new ScriptWriter();
    const id = ask(script, LUNCH);
    vote(script, 'me', id, 0b001);
    script.add('me', { kind: 'close', target: id });
    expect(standing(script.records, id)?.closed).toBe(false);
    script.add('peerTablet', { kind: 'close', target: id });
    vote(script, 'me', id, 0b010);
    vote(script, 'peer', id, 0b100);
    script.add('peer', { kind: 'close', target: id });
    expect(standing(script.records, id)).toMatchObject({ closed: true, votes: [{ account: ME, choices: [0] }] });
  });

  it('S-FOLD-13 of an account the eight latest votes are kept', () => {
    const script = new ScriptWriter();
    const id = ask(script, LUNCH);
    vote(script, 'me', id, 0b001);
    script.add('peer', { kind: 'close', target: id });
    for (let late = 0; late < 7; late += 1) vote(script, 'me', id, 0b010);
    expect(standing(script.records, id)?.votes).toHaveLength(1);
    vote(script, 'me', id, 0b010);
    expect(standing(script.records, id)?.votes).toHaveLength(0);
    expect(fold(script.records, accountOf).get(id)?.votes).toHaveLength(8);
  });

  it('S-FOLD-14 a poll is not edited, and a vote for what is no poll shows nothing', () => {
    const script = new ScriptWriter();
    const id = ask(script, LUNCH);
    const plain = script.say('peer', 'no poll');
    script.add('peer', { kind: 'edit', target: id, text: 'Dinner?' });
    vote(script, 'me', plain, 0b001);
    script.add('peer', { kind: 'close', target: plain });
    expect(foldRow(script.records, id)).toMatchObject({ text: 'Lunch?', edited: false });
    expect(foldRow(script.records, plain)).not.toHaveProperty('poll');
  });
});

describe('mentions', () => {
  it('S-FOLD-15 those of the text as it shows count', () => {
    const script = new ScriptWriter();
    const mentions = [{ at: 0, length: 3, account: ME }];
    const { id } = script.add('peer', { kind: 'message', text: '@me hello', mentions });
    const { id: silent } = script.add('peer', { kind: 'message', text: 'hello' });
    expect(foldRow(script.records, id)?.mentions).toEqual(mentions);
    script.add('peer', { kind: 'edit', target: id, text: 'hello' });
    script.add('peer', { kind: 'edit', target: silent, text: '@me hello', mentions });
    expect(foldRow(script.records, id)).not.toHaveProperty('mentions');
    expect(foldRow(script.records, silent)?.mentions).toEqual(mentions);
  });
});

describe('fold as a whole', () => {
  it('S-FOLD-8 any order and any duplication give one result', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 60 }), (script, order, size) => {
        const records = randomScript(script, size);
        const shuffled = shuffle(records, seededNumbers(order));
        expect(printed(fold(shuffled, accountOf))).toEqual(printed(fold(records, accountOf)));
      }),
      { numRuns: 1000 },
    );
  });

  it('S-FOLD-9 joining is commutative, associative and idempotent', () => {
    const random = seededNumbers(7);
    for (let script = 0; script < 100; script++) {
      const parts = [0, 1, 2].map(() =>
        fold(
          randomScript(script, 30).filter(() => random() < 0.5),
          accountOf,
        ),
      );
      for (const id of new Set(parts.flatMap((part) => [...part.keys()]))) {
        const [a, b, c] = parts.map((part) => part.get(id) ?? emptyState(id));
        if (a === undefined || b === undefined || c === undefined) throw new Error('three states expected');
        expect(stateToText(joinStates(a, b))).toBe(stateToText(joinStates(b, a)));
        expect(stateToText(joinStates(joinStates(a, b), c))).toBe(stateToText(joinStates(a, joinStates(b, c))));
        expect(stateToText(joinStates(a, a))).toBe(stateToText(a));
      }
    }
  });

  it('S-FOLD-9 folding in parts and joining is folding all at once', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(60), (script, at) => {
        const records = randomScript(script, 60);
        const parts = [fold(records.slice(at), accountOf), fold(records.slice(0, at), accountOf)];
        const joined = new Map<RecordId, MessageState>();
        for (const state of parts.flatMap((part) => [...part.values()])) {
          joined.set(state.id, joinStates(joined.get(state.id) ?? emptyState(state.id), state));
        }
        expect(printed(joined)).toEqual(printed(fold(records, accountOf)));
      }),
      { numRuns: 300 },
    );
  });

  it('S-FOLD-1 takes records as the documents give them', () => {
    const chatId = toChatId('A'.repeat(22));
    const author = AUTHORS.peer;
    const draft = { n: 1, time: { ms: START, counter: 0 }, body: { kind: 'message', text: 'hello' } } as const;
    if (chatId === undefined) throw new Error('a chat id expected');
    const record: VerifiedRecord = { ...draft, chatId, author, id: recordIdOf(chatId, author, draft) };
    expect(fold([record], accountOf).get(record.id)?.message?.text).toBe('hello');
  });

  it('S-FOLD-10 two messages forged on one id give the same one everywhere', () => {
    const script = new ScriptWriter();
    const id = script.say('peer', 'one');
    const [first] = script.records;
    if (first === undefined) throw new Error('a record expected');
    const twin: ProjectableRecord = { ...first, body: { kind: 'message', text: 'another' } };
    expect(printed(fold([first, twin], accountOf))).toEqual(printed(fold([twin, first], accountOf)));
    expect(foldRow([twin, first], id)?.text).toBe('another');
  });
});

describe('stored states', () => {
  it('S-FOLD-11 a state survives its bytes', () => {
    for (const state of fold(randomScript(3, 400), accountOf).values()) {
      expect(decodeState(encodeState(state))).toEqual(state);
    }
    const script = new ScriptWriter();
    const odd = script.say('me', 'lone \ud800 surrogate, nul \0, quote " and \u2028');
    const state = fold(script.records, accountOf).get(odd);
    expect(state && decodeState(encodeState(state))).toEqual(state);
  });
});
