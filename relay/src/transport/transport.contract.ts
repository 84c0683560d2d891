/** What every transport must do, tried over real sockets. Adapters run this suite from their own test file. */
import { encodeFrame, LIMITS } from '@securechat/relay-protocol';
import { connect as connectTcp } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NetClient } from '../../test/net-client.ts';
import type { Connection, Socket } from '../connection.ts';
import { silentLog } from '../log.ts';
import { HIGH_WATER, type StartTransport, type Transport, type TransportParts } from './port.ts';

/** The relay's end of a socket, as a script of the test. */
class Stub implements Connection {
  readonly received: Uint8Array[] = [];
  drains = 0;
  closes = 0;
  private wakers: (() => void)[] = [];

  constructor(
    readonly socket: Socket,
    readonly wireVersion: number | undefined,
  ) {}

  receive(bytes: Uint8Array): void {
    this.received.push(bytes.slice());
    this.wake();
  }
  drained(): void {
    this.drains++;
    this.wake();
  }
  closed(): void {
    this.closes++;
    this.wake();
  }
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.wakers.push(resolve));
  }
  private wake(): void {
    for (const waker of this.wakers.splice(0)) waker();
  }
}

const pong = encodeFrame({ type: 'pong' });

/** Declares the suite. */
export function describeTransport(name: string, start: StartTransport): void {
  describe(`transport: ${name}`, () => {
    let transport: Transport;
    let url: string;
    let stubs: Stub[];
    let requests: { method: string; url: string; address: string; body: string; header: string | null }[];
    const parts: TransportParts = {
      host: '127.0.0.1',
      port: 0,
      trustProxy: true,
      log: silentLog,
      connect: (socket, wireVersion) => {
        const stub = new Stub(socket, wireVersion);
        stubs.push(stub);
        return stub;
      },
      http: async (request, { address }) => {
        const { method } = request;
        requests.push({
          method,
          url: request.url,
          address,
          body: await request.text(),
          header: request.headers.get('x-one'),
        });
        const path = new URL(request.url).pathname;
        if (path === '/fault') throw new Error('on purpose');
        if (path === '/empty') return new Response(null, { status: 204 });
        if (path === '/same') return new Response(null, { status: 304, headers: { etag: '"1"' } });
        if (path === '/big') return new Response(new Uint8Array(5_000_000).fill(7));
        return new Response('body', { status: 201, headers: { 'x-two': 'two', 'content-type': 'text/plain' } });
      },
    };

    beforeEach(async () => {
      stubs = [];
      requests = [];
      transport = await start(parts);
      url = `http://127.0.0.1:${String(transport.port)}`;
    });
    afterEach(() => transport.close());

    async function open(path?: string, headers?: Record<string, string>): Promise<{ client: NetClient; stub: Stub }> {
      const client = await NetClient.open(url, path, headers);
      const stub = stubs.at(-1);
      if (stub === undefined) throw new Error('the relay saw no connection');
      return { client, stub };
    }

    it('R-SOCKET-1: carries whole binary messages both ways, in order, also many at once', async () => {
      const { client, stub } = await open();
      for (let n = 0; n < 500; n++) client.ws.send(Uint8Array.of(4, n & 255));
      await stub.until(() => stub.received.length === 500);
      expect(stub.received.map((bytes) => bytes[1])).toEqual(Array.from({ length: 500 }, (_, n) => n & 255));
      for (let n = 0; n < 500; n++)
        stub.socket.send(encodeFrame({ type: 'welcome', mailbox: new Uint8Array(16) as never, queued: n }));
      await client.until(() => client.received.length === 500);
      expect(client.all('welcome').map((frame) => frame.queued)).toEqual(Array.from({ length: 500 }, (_, n) => n));
    });

    it('R-SOCKET-2: carries the largest frame, and ends a connection that sends a larger one', async () => {
      const { client, stub } = await open();
      client.ws.send(new Uint8Array(LIMITS.frameBytes));
      await stub.until(() => stub.received.length === 1);
      expect(stub.received[0]?.length).toBe(LIMITS.frameBytes);
      client.ws.send(new Uint8Array(LIMITS.frameBytes + 1));
      await client.ended();
      await stub.until(() => stub.closes === 1);
      expect(stub.received.length).toBe(1);
    });

    it('R-SOCKET-3: hands a text message on as no frame at all', async () => {
      const { client, stub } = await open();
      client.ws.send('\u0004');
      await stub.until(() => stub.received.length === 1);
      expect(stub.received[0]?.length).toBe(0);
    });

    it('R-SOCKET-4: tells the wire version of the path, and has no socket elsewhere', async () => {
      expect((await open('/v1/ws')).stub.wireVersion).toBe(1);
      expect((await open('/v27/ws')).stub.wireVersion).toBe(27);
      await expect(NetClient.open(url, '/elsewhere')).rejects.toThrow(/404/);
      await expect(NetClient.open(url, '/v1/ws/more')).rejects.toThrow(/404/);
    });

    it('R-SOCKET-5: says full when the peer does not read, drained when it reads again, and loses nothing it took', async () => {
      const { client, stub } = await open();
      client.ws.pause();
      const chunk = encodeFrame({ type: 'deliver', id: new Uint8Array(16) as never, data: new Uint8Array(100_000) });
      let taken = 0;
      for (let full = false; !full;) {
        if (stub.socket.send(chunk) === 'full') full = true;
        else taken++;
        if (taken % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
        expect(taken * chunk.length).toBeLessThan(100 * HIGH_WATER);
      }
      expect(stub.drains).toBe(0);
      client.ws.resume();
      await stub.until(() => stub.drains > 0);
      expect(stub.socket.send(pong)).toBe('sent');
      await client.until(() => client.all('pong').length === 1);
      expect(client.all('deliver').length).toBe(taken);
    });

    it('R-SOCKET-6: says drained also after a burst of one turn that the system took at once', async () => {
      const { client, stub } = await open();
      const chunk = encodeFrame({ type: 'deliver', id: new Uint8Array(16) as never, data: new Uint8Array(200_000) });
      let taken = 0;
      while (stub.socket.send(chunk) === 'sent') taken++;
      await stub.until(() => stub.drains > 0);
      await client.until(() => client.all('deliver').length === taken);
    });

    it('R-SOCKET-7: sends what it took before it closes', async () => {
      const { client, stub } = await open();
      stub.socket.send(pong);
      stub.socket.send(encodeFrame({ type: 'error', code: 'BadFrame' }));
      stub.socket.close();
      expect(await client.ended()).toBe(1000);
      expect(client.received.map((frame) => frame.type)).toEqual(['pong', 'error']);
    });

    it('R-SOCKET-8: says closed once when the peer goes, politely or not, and bears sends after it', async () => {
      const [polite, rude] = [await open(), await open()];
      polite.client.ws.close();
      rude.client.ws.terminate();
      for (const { stub } of [polite, rude]) {
        await stub.until(() => stub.closes === 1);
        stub.socket.send(pong);
        stub.socket.close();
        expect(stub.closes).toBe(1);
      }
    });

    it('R-SOCKET-9: hands requests to the fetch handler whole and its answers back', async () => {
      const answer = await fetch(`${url}/path?q=1`, { method: 'POST', body: 'asked', headers: { 'x-one': 'one' } });
      expect([answer.status, answer.headers.get('x-two'), await answer.text()]).toEqual([201, 'two', 'body']);
      expect(requests).toEqual([
        { method: 'POST', url: `${url}/path?q=1`, address: '127.0.0.1', body: 'asked', header: 'one' },
      ]);
      expect((await fetch(`${url}/x`, { method: 'PUT', body: 'p' })).status).toBe(201);
      expect((await fetch(`${url}/x`, { method: 'DELETE' })).status).toBe(201);
      const head = await fetch(`${url}/x`, { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([201, '']);
      expect((await fetch(`${url}/empty`, { method: 'OPTIONS' })).status).toBe(204);
      expect((await fetch(`${url}/same`)).status).toBe(304);
      expect((await (await fetch(`${url}/big`)).arrayBuffer()).byteLength).toBe(5_000_000);
    });

    it('R-SOCKET-10: refuses bodies over the cap with 413 and goes on', async () => {
      const answer = await fetch(`${url}/x`, { method: 'POST', body: new Uint8Array(LIMITS.bodyBytes + 1) });
      expect(answer.status).toBe(413);
      expect((await fetch(`${url}/x`, { method: 'POST', body: new Uint8Array(LIMITS.bodyBytes) })).status).toBe(201);
      expect(requests.length).toBe(1);
    });

    it('R-SOCKET-11: answers a fault of the handler with 500, and a request without a legal host with 400', async () => {
      expect((await fetch(`${url}/fault`)).status).toBe(500);
      expect(await rawRequest(transport.port, 'GET /x HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')).toContain(
        '400',
      );
      expect((await fetch(`${url}/x`)).status).toBe(201);
    });

    it('R-SOCKET-12: takes the caller from the last X-Forwarded-For entry when told to trust the proxy', async () => {
      await fetch(`${url}/x`, { headers: { 'x-forwarded-for': '10.0.0.1, 203.0.113.9' } });
      expect(requests[0]?.address).toBe('203.0.113.9');
      const { stub } = await open('/v1/ws', { 'x-forwarded-for': '203.0.113.8' });
      expect(stub.socket.address).toBe('203.0.113.8');
      const plain = await start({ ...parts, trustProxy: false });
      await fetch(`http://127.0.0.1:${String(plain.port)}/x`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
      expect(requests[1]?.address).toBe('127.0.0.1');
      await plain.close();
    });

    it('R-SOCKET-13: does not share a port', async () => {
      await expect(start({ ...parts, port: transport.port })).rejects.toThrow();
    });

    it('R-SOCKET-14: survives a request that is cut off in its body', async () => {
      const socket = connectTcp(transport.port, '127.0.0.1');
      socket.write('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly so much');
      await new Promise<void>((resolve) => {
        socket.end(() => {
          resolve();
        });
      });
      expect((await fetch(`${url}/x`)).status).toBe(201);
    });

    it('R-SOCKET-15: ends its connections and gives the port back when it closes', async () => {
      await transport.close();
      const { port } = transport;
      for (let round = 0; round < 2; round++) {
        transport = await start({ ...parts, port });
        const { client, stub } = await open();
        await transport.close();
        await client.ended();
        await stub.until(() => stub.closes === 1);
        await expect(fetch(`${url}/x`)).rejects.toThrow();
      }
    });
  });
}

function rawRequest(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('end', () => {
      resolve(answer);
    });
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}
