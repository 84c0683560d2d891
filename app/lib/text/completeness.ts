/** What a chat lacks, in words, and what to do about it. */
import type { AskedFor, Completeness } from '@securechat/sync/api';
import { orSomebody } from './groups.ts';

/** Named one by one. */
const NAMED = 3;

export interface CompletenessText {
  readonly title: string;
  readonly text: string;
}

export function describeCompleteness({ missing, asking, waiting }: Completeness): CompletenessText {
  if (missing === 0)
    return {
      title: 'Complete',
      text: 'Every message that anybody here wrote is on this device, as far as the others say.',
    };
  const title = missing === 1 ? 'One message is missing' : `${missing.toLocaleString('en')} messages are missing`;
  return { title, text: describeAsked(asking, waiting) };
}

function describeAsked(asking: readonly AskedFor[], waiting: readonly AskedFor[]): string {
  if (asking.length > 0) {
    const others = waiting.length > 0 ? ` ${list(waiting)} ${have(waiting)} not answered yet.` : '';
    return `Asking ${list(asking)}.${others}`;
  }
  if (waiting.length === 0) return 'Nobody who answered so far has it. The question is repeated from time to time.';
  const [only] = waiting;
  const whoever = waiting.length === 1 && only ? nameOf(only) : 'one of them';
  const was = waiting.length === 1 ? 'was' : 'were';
  return `${capital(list(waiting))} ${was} asked and ${have(waiting)} not answered yet. What is missing comes when ${whoever} is online.`;
}

function have({ length }: readonly AskedFor[]): string {
  return length === 1 ? 'has' : 'have';
}

function list(asked: readonly AskedFor[]): string {
  const names = asked.slice(0, NAMED).map(nameOf);
  const left = asked.length - names.length;
  if (left > 0) names.push(left === 1 ? 'one other' : `${String(left)} others`);
  return new Intl.ListFormat('en-GB').format(names);
}

function nameOf({ name, of }: AskedFor): string {
  if (of !== 'device') return orSomebody(name);
  return name === '' ? 'another of your devices' : `your device “${name}”`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
