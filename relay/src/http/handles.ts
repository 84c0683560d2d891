/** Handles: short names that lead to an account id, and nothing else. */
import { isHandle, ok } from '@securechat/relay-protocol';
import type { endpoints, ResponseOf } from '@securechat/relay-protocol';
import { refuse, type Answer } from './answer.ts';
import type { Caller, Desk, Visit } from './desk.ts';

/** Gives the caller's account a handle instead of any it had. */
export async function putHandle(desk: Desk, caller: Caller, body: { readonly handle: string }): Answer<object> {
  const given = await desk.directory.putHandle(caller.accountId, body.handle);
  return given ? ok({}) : refuse('HandleTaken', 'somebody else has it');
}

/** Takes the handle of the caller's account away. */
export async function deleteHandle(desk: Desk, caller: Caller): Answer<object> {
  await desk.directory.dropHandle(caller.accountId);
  return ok({});
}

/** Who has a handle. */
export async function lookUpHandle(desk: Desk, visit: Visit): Answer<ResponseOf<(typeof endpoints)['handle']>> {
  const { handle = '' } = visit.params;
  if (!isHandle(handle)) return refuse('Malformed', 'not a handle');
  const owner = await desk.directory.byHandle(handle);
  return owner === undefined ? refuse('NotFound', 'nobody has it here') : ok(owner);
}
