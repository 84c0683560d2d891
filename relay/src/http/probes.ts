/** For those who run the relay: whether it works, and what it counts. */
import { timingSafeEqual } from 'node:crypto';
import { toMailboxId } from '@securechat/relay-protocol';
import { factsOf } from '../log.ts';
import { jsonResponse, refusalResponse } from './answer.ts';
import type { Desk } from './desk.ts';

/** 200 when the store answers a question, 503 when it does not or the relay is shutting down. */
export async function health({ store, log, isClosing }: Desk): Promise<Response> {
  const probe = toMailboxId(new Uint8Array(16));
  try {
    if (probe !== undefined) await store.usage(probe);
  } catch (thrown) {
    log.error(factsOf(thrown), 'store unreadable');
    return jsonResponse({ status: 'store unreadable' }, 503);
  }
  return isClosing() ? jsonResponse({ status: 'closing' }, 503) : jsonResponse({ status: 'ok' });
}

/** Prometheus text. */
export async function metrics({ registry, config }: Desk, authorization = ''): Promise<Response> {
  if (config.metricsToken !== undefined && !isSame(authorization, `Bearer ${config.metricsToken}`)) {
    return refusalResponse({ code: 'TokenInvalid', message: 'metrics want their token' });
  }
  return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } });
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
