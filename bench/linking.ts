/**
 * How long does a newly linked device take to have everything, and how near is that to copying the files? Two devices and
 * the relay are processes of their own; beside it in the same run, the raw saved documents over a WebSocket.
 */
import { RelayProcess } from '../sync/test/real/relay-process.ts';
import type { Acts, Usage } from './linking/device.ts';
import { ActingProcess } from './processes/acting-process.ts';
import { type BenchTable, short } from './table.ts';

const LENGTHS = [3000, 100_000] as const;
const MIB = 1024 * 1024;

interface Linking {
  readonly documentBytes: number;
  readonly pageMs: number;
  readonly allMs: number;
  readonly host: Usage;
  readonly guest: Usage;
  readonly raw: { readonly ms: number; readonly bytes: number };
}

export async function run(): Promise<BenchTable> {
  const [small, large] = [await measure(LENGTHS[0]), await measure(LENGTHS[1])];
  const row = (name: string, of: (linking: Linking) => number): [string, number, number] => [
    name,
    short(of(small)),
    short(of(large)),
  ];
  const wire = ({ guest }: Linking): number => guest.received + guest.sent;
  return {
    title: 'A newly linked device gets the whole history',
    columns: ['', ...LENGTHS.map((length) => `${length.toLocaleString('en')} messages`)],
    rows: [
      row('newest page, s after confirming', ({ pageMs }) => pageMs / 1000),
      row('everything, s after confirming', ({ allMs }) => allMs / 1000),
      row('raw copy of the documents, s', ({ raw }) => raw.ms / 1000),
      row('linking / raw copy, time', ({ allMs, raw }) => allMs / raw.ms),
      row('documents, MiB', ({ documentBytes }) => documentBytes / MIB),
      row('on the wire of the new device, MiB', (linking) => wire(linking) / MIB),
      row('wire / documents, bytes', (linking) => wire(linking) / linking.documentBytes),
      row('raw copy / documents, bytes', ({ raw, documentBytes }) => raw.bytes / documentBytes),
      row('CPU of the new device, s', ({ guest }) => guest.cpu),
      row('CPU of the old device, s', ({ host }) => host.cpu),
      row('peak memory of the new device, MiB', ({ guest }) => guest.peak / MIB),
      row('   before it', ({ guest }) => guest.before / MIB),
      row('peak memory of the old device, MiB', ({ host }) => host.peak / MIB),
      row('   before it', ({ host }) => host.before / MIB),
    ],
    notes: [
      'one chat; every record is checked, signature by signature, projected and made searchable; a raw copy is only bytes',
      'devices in Node on this machine, with all that they store in their memory; wire: frames both ways, padding included',
    ],
  };
}

async function measure(length: number): Promise<Linking> {
  const relay = await RelayProcess.create();
  const device = (): ActingProcess<Acts> => new ActingProcess(new URL('linking/device.ts', import.meta.url));
  const [host, guest] = [device(), device()];
  try {
    const { chatId, last, documentBytes } = await host.ask('seed', relay.url, length);
    await host.ask('online');
    const { messages } = await host.ask('readCode', await guest.ask('showCode', relay.url));
    if (messages !== length) throw new Error(`${String(messages)} messages would come over`);
    await Promise.all([host.ask('usage'), guest.ask('usage')]);
    const start = Date.now();
    const filled = guest.ask('filled', chatId, last, length);
    await host.ask('confirm');
    const { page, all } = await filled;
    const [hostUsage, guestUsage] = await Promise.all([host.ask('usage'), guest.ask('usage')]);
    const raw = await guest.ask('takeRaw', await host.ask('offerRaw'));
    return { documentBytes, pageMs: page - start, allMs: all - start, host: hostUsage, guest: guestUsage, raw };
  } finally {
    await Promise.all([host.end(), guest.end()]);
    await relay.destroy();
  }
}
