/** What the relay hands out opens a real TURN server. Needs coturn: `scripts/install.sh --with-browser` installs it. */
import { endpoints } from '@securechat/relay-protocol';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { FakeClock } from './fake-clock.ts';
import { TurnClient, type TurnCredential } from './turn-client.ts';
import { TurnServer } from './turn-server.ts';
import { World } from './world.ts';

const SECRET = 'a secret that this coturn and this relay share';
const HOUR = 60 * 60_000;

let server: TurnServer;
const clients: TurnClient[] = [];

beforeAll(async () => {
  server = await TurnServer.start(SECRET);
  return () => server.stop();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

/** What a relay with this secret gives at this time. */
async function credentialOf(secret: string, now: number): Promise<TurnCredential> {
  const turn = { urls: [`turn:127.0.0.1:${String(server.port)}`], secret: new TextEncoder().encode(secret) };
  const world = new World({ clock: new FakeClock(now), config: { turn, turnMs: HOUR } });
  const token = await world.tokenOf(await world.join());
  const answer = await world.call(endpoints.iceServers, {}, { token });
  const given = typeof answer === 'string' ? undefined : answer.servers[0];
  if (given === undefined) throw new Error(String(answer));
  return given;
}

function connect(credential: TurnCredential): TurnClient {
  const client = new TurnClient(server.port, credential);
  clients.push(client);
  return client;
}

it('R-TURN-4: coturn gives an allocation for a credential of the relay, for each that is asked for', async () => {
  const credential = await credentialOf(SECRET, systemClock.now());
  const [one, two] = [await connect(credential).allocate(), await connect(credential).allocate()];
  expect([one.status, two.status]).toEqual([0, 0]);
  expect(one.port).toBeGreaterThanOrEqual(49_152);
  expect(one.port).not.toBe(two.port);
});

it('R-TURN-4: coturn refuses one that has ended', async () => {
  const ended = await credentialOf(SECRET, systemClock.now() - HOUR - 60_000);
  expect(await connect(ended).allocate()).toEqual({ status: 401 });
});

it('R-TURN-4: coturn refuses one of another secret, a made-up one, and one that was made longer', async () => {
  const other = await credentialOf('a secret of somebody else, as long as ours', systemClock.now());
  expect(await connect(other).allocate()).toEqual({ status: 401 });
  const good = await credentialOf(SECRET, systemClock.now());
  expect(await connect({ ...good, credential: 'made up' }).allocate()).toEqual({ status: 401 });
  const [end = '', random = ''] = good.username.split(':');
  const longer = `${String(Number(end) + 3600)}:${random}`;
  expect(await connect({ ...good, username: longer }).allocate()).toEqual({ status: 401 });
});

it('R-TURN-4: it carries nothing to itself, to private networks or to a cloud’s own addresses', async () => {
  const client = connect(await credentialOf(SECRET, systemClock.now()));
  expect((await client.allocate()).status).toBe(0);
  for (const inside of [
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
  ])
    expect(await client.permit(inside), inside).toBe(403);
  expect(await client.permit('93.184.216.34')).toBe(0);
});
