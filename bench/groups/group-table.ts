/** The benchmark's table: a column a size, and how the largest group compares with the smallest. */
import type { Measured } from '../groups.ts';
import { type BenchTable, short } from '../table.ts';
import type { Spent } from './world.ts';

const KIB = 1024;

type Of = (measured: Measured) => number;
type Line = readonly [name: string, of: Of];

export function groupTable(measured: readonly Measured[]): BenchTable {
  const [smallest, largest] = [measured[0], measured.at(-1)];
  if (smallest === undefined || largest === undefined) throw new Error('nothing was measured');
  return {
    title: 'A group: what a message, a join and a removal cost, by the number of its devices',
    columns: ['', ...measured.map(({ size }) => `${size.toLocaleString('en')} devices`), 'largest / smallest'],
    rows: LINES.map(([name, of]) => [name, ...measured.map((one) => cell(of(one))), short(of(largest) / of(smallest))]),
    notes: NOTES,
  };
}

const LINES: readonly Line[] = [
  ...spent('a message', ({ message }) => message),
  ['   pairwise: sealing / sealing once for all, CPU', ({ pairwise }) => pairwise.sealing / pairwise.sealingOnce],
  ['   pairwise: sealing, ms CPU', ({ pairwise }) => pairwise.sealing],
  ['   once for all: sealing, ms CPU', ({ pairwise }) => pairwise.sealingOnce],
  ['   pairwise: up / once for all', ({ pairwise, message }) => pairwise.up / message.up],
  ['   pairwise: up, KiB', ({ pairwise }) => pairwise.up / KIB],
  ['   pairwise: down of all, KiB', ({ pairwise }) => pairwise.down / KIB],
  ['   pairwise: relay, ms CPU', ({ pairwise }) => pairwise.relayCpu],
  ...spent('a join, who adds', ({ joining }) => joining.act),
  ...spent('   each other member, with its next message', ({ joining }) => joining.others),
  ...spent('a removal, who removes', ({ removal }) => removal.act),
  ...spent('   first message after it, another member', ({ removal }) => removal.others),
  ...spent('   first message after it, who removed', ({ removal }) => removal.next),
  ...spent('founding, who founds', ({ founding }) => founding),
  ['sender key: seal, µs CPU', ({ senderKeys }) => senderKeys.ours.seal],
  ['   libsignal / ours', ({ senderKeys }) => senderKeys.libsignals.seal / senderKeys.ours.seal],
  ['sender key: open, µs CPU', ({ senderKeys }) => senderKeys.ours.open],
  ['   libsignal / ours', ({ senderKeys }) => senderKeys.libsignals.open / senderKeys.ours.open],
];

const NOTES = [
  'accounts of one device each; a message has 100 characters; who acts runs the whole engine in a process of its own, what it stores in its memory',
  'the others but one are on line with identity, mailbox and sessions and ack what they get; they send no receipts',
  'posts: envelopes sealed and uploaded, one to many mailboxes is one; up, down: frames of the WebSocket; 16 bytes up are each mailbox’s name',
  'CPU of who acts has all in it that a message is: record, signature, document, rows, outbox; pairwise has only the sealing',
  'pairwise: the same bytes in a Double Ratchet session and an envelope a device, sessions that went both ways, all posted to the same relay',
  'a join and a removal make every member’s sender key anew: 133 bytes to each device over its session, before that member’s next message',
  'sender key: without envelope; libsignal’s Node API (native, awaited) with a store in memory, ours WebAssembly; same plaintext, alternating rounds',
];

/** Counts beyond a thousand are whole: 1,001 devices are not a thousand. */
function cell(value: number): number {
  return value < 1000 ? short(value) : Math.round(value);
}

function spent(name: string, of: (measured: Measured) => Spent): readonly Line[] {
  return [
    [`${name}: posts`, (measured) => of(measured).posts],
    [`${indent(name)}ms CPU`, (measured) => of(measured).cpu],
    [`${indent(name)}up, KiB`, (measured) => of(measured).up / KIB],
    [`${indent(name)}relay, ms CPU`, (measured) => of(measured).relayCpu],
    [`${indent(name)}down of all, KiB`, (measured) => of(measured).down / KIB],
  ];
}

function indent(name: string): string {
  return name.startsWith(' ') ? '      ' : '   ';
}
