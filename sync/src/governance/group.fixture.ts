/** Groups for tests: people by name, acts in their places, and states in a form that can be compared. */
import { type AccountId, type ChatId, toBase64Url } from '@securechat/crypto';
import { type ActBody, type ActId, type Hlc, type KnownAct, type NewMember, actIdOf } from '../records/index.ts';
import { accountOf } from './rights.ts';
import { foldGroup } from './governance.ts';
import type { GroupAct, GroupRules, GroupState } from './types.ts';

const CHAT = toBase64Url(new Uint8Array(16).fill(7)) as ChatId;
export const NONCE = new Uint8Array(16).fill(1);
const START = Date.UTC(2026, 0, 1);

/** Keys are made up: nothing here signs. */
export function keyOf(name: string): Uint8Array {
  const key = new Uint8Array(32);
  key.set(new TextEncoder().encode(name).subarray(0, 32));
  return key;
}

export function idOf(name: string): AccountId {
  return accountOf(keyOf(name));
}

/** A proof that says for whom it is; any other is wrong. */
export function proofFor(name: string): Uint8Array {
  const proof = new Uint8Array(64);
  proof.set(new TextEncoder().encode(idOf(name)));
  return proof;
}

export const rules: GroupRules = {
  isChatOf: (_key, nonce) => toBase64Url(nonce) === toBase64Url(NONCE),
  verifyInvite: (_invite, account, proof) => new TextDecoder().decode(proof.subarray(0, account.length)) === account,
};

export function newMember(name: string, more: Partial<NewMember> = {}): NewMember {
  const relayUrl = `https://${name}.example`;
  return { accountKey: keyOf(name), relayUrl, role: 'member', history: { from: 'nothing' }, ...more };
}

export const found = (founder: string, name = 'Group'): KnownAct => ({
  type: 'found',
  founderKey: keyOf(founder),
  nonce: NONCE,
  name,
});
export const add = (...names: string[]): KnownAct => ({ type: 'add', members: names.map((name) => newMember(name)) });
export const addAdmin = (name: string): KnownAct => ({ type: 'add', members: [newMember(name, { role: 'admin' })] });
export const remove = (name: string, more: { ban?: boolean; seen?: Record<string, number> } = {}): KnownAct => ({
  type: 'remove',
  account: idOf(name),
  ban: more.ban ?? false,
  seen: Object.entries(more.seen ?? {}).map(([author, n]) => ({ author: keyOf(author), n })),
});
export const role = (name: string, to: 'owner' | 'admin' | 'member'): KnownAct => ({
  type: 'role',
  account: idOf(name),
  role: to,
});
export const rename = (name: string): KnownAct => ({ type: 'info', name });
export const permit = (more: Partial<Record<'write' | 'add' | 'info' | 'pin', 'everyone' | 'admins'>>): KnownAct => ({
  type: 'permissions',
  ...{ write: 'everyone', add: 'admins', info: 'admins', pin: 'admins' },
  ...more,
});

export interface Place {
  /** Absent: after all acts so far. */
  readonly after?: readonly ActId[];
  readonly ms?: number;
  readonly n?: number;
}

/** A group's history as it is written. */
export class Story {
  readonly acts: GroupAct[] = [];
  #ms = START;

  /** Writes an act of `who`; by default after everything. */
  write(who: string, act: ActBody['act'], place: Place = {}): ActId {
    const after = act.type === 'found' ? [] : (place.after ?? this.state().heads);
    const ms = place.ms ?? (this.#ms += 1000);
    const body: ActBody = { kind: 'act', after: [...after].sort(), act };
    const made = makeAct(who, { n: place.n ?? this.acts.length + 1, time: { ms, counter: 0 }, body });
    this.acts.push(made);
    return made.id;
  }

  state(): GroupState {
    return foldGroup(this.acts, rules);
  }

  members(): string[] {
    return namesIn(this.state().members.keys());
  }
}

/** The act that `who` would write with this in it. */
export function makeAct(who: string, { n, time, body }: { n: number; time: Hlc; body: ActBody }): GroupAct {
  const author = keyOf(`author of ${who}`);
  const id = actIdOf({ chatId: CHAT, author, n, time, body });
  return { id, author: toBase64Url(author), account: idOf(who), n, time, body };
}

const PEOPLE = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal'] as const;

/** The names behind these accounts, sorted. */
export function namesIn(accounts: Iterable<AccountId>): string[] {
  const names = new Map(PEOPLE.map((name) => [idOf(name), name]));
  return [...accounts].map((account) => names.get(account) ?? account).sort();
}

/** A state as text: equal states, equal texts. */
export function textOf(state: object): string {
  return JSON.stringify(state, (_, value: unknown) => {
    if (value instanceof Uint8Array) return toBase64Url(value);
    if (isMap(value)) return [...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    return value;
  });
}

/** Who is there, with their roles, sorted: `ann owner`. */
export function rolesIn(state: GroupState): string[] {
  return [...state.members].map(([account, member]) => `${namesIn([account]).join()} ${member.role}`).sort();
}

function isMap(value: unknown): value is Iterable<[unknown, unknown]> {
  return typeof value === 'object' && value !== null && 'entries' in value && !Array.isArray(value);
}
