/** The call of the API that gives a tab the servers which help it to connect. */
import { IceAccess } from '../directory/ice-access.ts';
import type { Engine } from '../engine.ts';
import { type Handlers, done } from './answers.ts';

export function iceCalls(engine: Engine): Handlers<'iceServers'> {
  const { home, directory, clock, self } = engine;
  const access = new IceAccess({ home, directory, clock, relayUrl: () => self.identity.relayUrl });
  return {
    async iceServers() {
      const got = await access.get();
      // Without servers a call is still tried: it works wherever both sides reach each other by themselves.
      return done(got.ok ? got.value : { servers: [], expiresAt: clock.now() });
    },
  };
}
