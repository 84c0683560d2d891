/** Leaving bytes at a rendezvous and fetching them. Nobody signs in: who knows the id may do both. */
import { isRendezvousId, LIMITS, ok } from '@securechat/relay-protocol';
import type { RendezvousId, RequestOf, ResponseOf, endpoints } from '@securechat/relay-protocol';
import type { ReadError, WriteError } from '../rendezvous.ts';
import { refuse, type Answer } from './answer.ts';
import type { Desk, Visit } from './desk.ts';

/** What the first write of a rendezvous costs beside its bytes: else one address could open all that there may be. */
const OPENING_COST = 128 * 1024;

const WHY_NOT: Readonly<Record<(ReadError | WriteError)['type'], string>> = {
  NotFound: 'nothing is there',
  Expired: 'it is over',
  Taken: 'other bytes are there',
  ServerBusy: 'no room for more now',
};

/** Fills a slot, once. */
export async function putRendezvous(
  { meetings, governor }: Desk,
  visit: Visit,
  { data }: RequestOf<typeof endpoints.putRendezvous>,
): Answer<object> {
  const spot = spotOf(visit);
  if (spot === undefined) return refuse('Malformed', 'not a slot of a rendezvous');
  const cost = data.length + (meetings.isOpen(spot.id) ? 0 : OPENING_COST);
  if (!governor.takeRendezvous(visit.address, cost)) return refuse('RateLimited', 'too much for rendezvous');
  const written = meetings.write(spot.id, spot.slot, data);
  return written.ok ? ok({}) : refuse(written.error.type, WHY_NOT[written.error.type]);
}

/** What is in a slot. Asking for what is not there yet costs a request and nothing more. */
export async function readRendezvous(
  { meetings, governor }: Desk,
  visit: Visit,
): Answer<ResponseOf<typeof endpoints.rendezvous>> {
  const spot = spotOf(visit);
  if (spot === undefined) return refuse('Malformed', 'not a slot of a rendezvous');
  const found = meetings.read(spot.id, spot.slot);
  if (!found.ok) return refuse(found.error.type, WHY_NOT[found.error.type]);
  if (!governor.takeRendezvous(visit.address, found.value.length))
    return refuse('RateLimited', 'too much for rendezvous');
  return ok({ data: found.value });
}

function spotOf({ params }: Visit): { readonly id: RendezvousId; readonly slot: number } | undefined {
  const { rendezvousId = '', slot = '' } = params;
  const isSlot = /^\d$/.test(slot) && Number(slot) < LIMITS.rendezvousSlots;
  return isSlot && isRendezvousId(rendezvousId) ? { id: rendezvousId, slot: Number(slot) } : undefined;
}
