/** What every HTTP handler may use. */
import type { AccountId, DeviceId, MailboxId } from '@securechat/relay-protocol';
import type { Registry } from 'prom-client';
import type { RelayConfig } from '../config.ts';
import type { Directory } from '../directory/port.ts';
import type { Governor } from '../limits/governor.ts';
import type { Log } from '../log.ts';
import type { Exchange } from '../mailbox/exchange.ts';
import type { MailboxStore } from '../mailbox/port.ts';
import type { RelayTally } from '../metrics.ts';
import type { MeetingPlace } from '../rendezvous.ts';
import type { TokenDesk } from '../tokens.ts';
import type { TurnDesk } from '../turn.ts';

/** See the module's header. */
export interface Desk {
  readonly directory: Directory;
  readonly exchange: Exchange;
  readonly store: MailboxStore;
  readonly governor: Governor;
  readonly meetings: MeetingPlace;
  readonly tokens: TokenDesk;
  readonly turn: TurnDesk;
  readonly config: RelayConfig;
  readonly log: Log;
  readonly tally: RelayTally;
  readonly registry: Registry;
  readonly isClosing: () => boolean;
}

/** The device that a request's token names. */
export interface Caller {
  readonly deviceId: DeviceId;
  readonly accountId: AccountId;
  readonly mailbox: MailboxId;
}

/** What is known of a request beside its body. */
export interface Visit {
  /** The peer's network address: for rate limits only. */
  readonly address: string;
  /** The host that the client dialled. */
  readonly host: string;
  /** The `:names` of the path. */
  readonly params: Readonly<Record<string, string>>;
}

/** Whether this relay goes by the host that the client dialled. */
export function isOurHost(desk: Desk, host: string): boolean {
  const { publicHosts } = desk.config;
  return publicHosts.length === 0 || publicHosts.includes(host);
}
