import { describe, expect, it } from 'vitest';
import { App } from '../../state/app.svelte.ts';
import { FakeClient, done, refused } from '../../state/fake-client.ts';
import { NewPoll } from './new-poll.svelte.ts';

function make(...choices: readonly string[]): { client: FakeClient; view: NewPoll } {
  const client = new FakeClient();
  const view = new NewPoll(new App(client), 'chat');
  view.question = ' Lunch? ';
  choices.forEach((choice, at) => {
    const place = at === 0 ? 0 : view.addAfter(at - 1);
    const box = view.choices[place];
    if (box) box.text = choice;
  });
  return { client, view };
}

describe('a new poll', () => {
  it('begins with two empty choices and ends at twelve', () => {
    const { view } = make();
    expect([view.choices.length, view.canRemove, view.canAdd]).toEqual([2, false, true]);
    for (let at = 0; at < 20; at += 1) {
      const box = view.choices[view.addAfter(at)];
      if (box) box.text = String(at);
    }
    expect([view.choices.length, view.canRemove, view.canAdd]).toEqual([12, true, false]);
    expect(view.addAfter(11)).toBe(11);
  });

  it('goes on in the next box if that is empty', () => {
    const { view } = make('soup');
    expect(view.addAfter(0)).toBe(1);
    expect(view.choices).toHaveLength(2);
  });

  it('leaves out what was left empty', async () => {
    const { client, view } = make('soup', '  ', 'salad ');
    client.on('createPoll', () => done({ recordId: 'r' }));
    view.multiple = true;
    expect(await view.create()).toBe(true);
    expect(client.inputs('createPoll')).toMatchObject([
      { chatId: 'chat', question: 'Lunch?', options: ['soup', 'salad'], multiple: true },
    ]);
  });

  it('says what is missing before it calls anything', async () => {
    const { client, view } = make('soup', 'soup');
    expect(await view.create()).toBe(false);
    expect([view.questionError, view.error]).toEqual([undefined, 'Two of the choices are the same.']);
    view.remove(0);
    view.clear();
    expect(await view.create()).toBe(false);
    expect([view.questionError, view.error]).toEqual(['What do you want to ask?', 'Give at least two choices.']);
    expect(client.calls).toEqual([]);
  });

  it('says why it was refused', async () => {
    const { client, view } = make('soup', 'salad');
    client.on('createPoll', () => refused({ type: 'NotAllowed' }));
    expect(await view.create()).toBe(false);
    expect(view.error).toContain('role');
  });
});
