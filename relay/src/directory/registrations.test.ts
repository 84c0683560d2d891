/** Any registrations in any order: both directories answer as a deliberately simple oracle does, and are alike after it. */
import type { MailboxId } from '@securechat/relay-protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openSqlite } from '../sqlite.ts';
import { memoryDirectory } from './memory.ts';
import type { AccountEntry, Directory } from './port.ts';
import { sqliteDirectory } from './sqlite.ts';

/** What somebody says: small numbers stand for keys, so that they meet. 1 to 5 are devices, 6 and 7 recovery keys. */
interface Saying {
  readonly account: number;
  readonly version: number;
  readonly devices: readonly number[];
  readonly recovery: number;
  readonly by: number;
}

const saying: fc.Arbitrary<Saying> = fc.record({
  account: fc.integer({ min: 1, max: 2 }),
  version: fc.integer({ min: 1, max: 8 }),
  devices: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
  recovery: fc.constantFrom(0, 6, 7),
  by: fc.integer({ min: 1, max: 7 }),
});

const key = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const name = (n: number): string => String(n).padEnd(43, 'A');

function entryOf({ account, version, devices, recovery, by }: Saying): AccountEntry {
  return {
    accountId: name(account),
    accountKey: key(account),
    version,
    deviceLog: Uint8Array.of(account, version),
    devices: devices.map((n) => ({
      deviceId: name(n),
      deviceKey: key(n),
      mailbox: new Uint8Array(16).fill(n) as MailboxId,
    })),
    by: key(by),
    ...(recovery > 0 && { recovery: { recoveryId: name(recovery), recoveryKey: key(recovery) } }),
  };
}

/** What is in force, by account. Slow and plain: each rule is one line. */
class Oracle {
  readonly stored = new Map<number, Saying>();

  hear(said: Saying): string {
    const before = this.stored.get(said.account);
    const others = [...this.stored.values()].filter(({ account }) => account !== said.account);
    const again = before?.version === said.version;
    if (before !== undefined && said.version < before.version) return 'StaleDeviceLog';
    if (again && contentOf(before) !== contentOf(said)) return 'StaleDeviceLog';
    const entitled = before === undefined ? said.devices : [...before.devices, before.recovery];
    if (!(again ? [...said.devices, before.by] : entitled).includes(said.by)) return 'NotAuthorised';
    if (again) return 'taken';
    if (said.recovery > 0 && others.some(({ recovery }) => recovery === said.recovery)) return 'RecoveryTaken';
    if (others.some(({ devices }) => devices.some((n) => said.devices.includes(n)))) return 'MailboxTaken';
    this.stored.set(said.account, said);
    return 'taken';
  }

  /** Who has a device or recovery key. */
  ownerOf(n: number): number | undefined {
    return [...this.stored.values()].find(({ devices, recovery }) => [...devices, recovery].includes(n))?.account;
  }
}

const contentOf = ({ devices, recovery }: Saying): string => JSON.stringify([[...devices].sort(), recovery]);

async function answerOf(directory: Directory, said: Saying): Promise<string> {
  const answer = await directory.register(entryOf(said));
  return answer.ok ? 'taken' : answer.error.type;
}

async function ownersIn(directory: Directory): Promise<(string | undefined)[]> {
  const devices = [1, 2, 3, 4, 5].map(async (n) => (await directory.device(name(n)))?.accountId);
  const recoveries = [6, 7].map(async (n) => {
    const accountKey = (await directory.byRecovery(name(n)))?.accountKey[0];
    return accountKey === undefined ? undefined : name(accountKey);
  });
  return Promise.all([...devices, ...recoveries]);
}

it('whoever says whatever, only the entitled change an account, and each key has one owner', async () => {
  const seen = new Set<string>();
  const run = async (sayings: readonly Saying[]): Promise<void> => {
    const oracle = new Oracle();
    const db = openSqlite(':memory:');
    const directories = [memoryDirectory(), sqliteDirectory(db)];
    for (const said of sayings) {
      const wanted = oracle.hear(said);
      seen.add(wanted);
      for (const directory of directories) expect(await answerOf(directory, said)).toBe(wanted);
    }
    const owners = [1, 2, 3, 4, 5, 6, 7].map((n) => oracle.ownerOf(n)).map((n) => (n === undefined ? n : name(n)));
    for (const directory of directories) expect(await ownersIn(directory)).toEqual(owners);
    db.close();
  };
  await fc.assert(fc.asyncProperty(fc.array(saying, { maxLength: 25 }), run), { seed: 20_260_103, numRuns: 300 });
  expect([...seen].sort()).toEqual(['MailboxTaken', 'NotAuthorised', 'RecoveryTaken', 'StaleDeviceLog', 'taken']);
});
