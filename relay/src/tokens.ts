/**
 * Challenges and tokens. Neither costs memory for a caller who proves nothing: a challenge is sealed with a keyed hash
 * instead of being stored, and only challenges that were answered rightly are remembered until they expire.
 *
 *   challenge[32] = expiry ms [6] | random [10] | first 16 of HMAC-SHA-256(secret, "challenge" | device id | expiry | random)
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { TOKEN_AUDIENCE, type DeviceId, type TokenAudience } from '@securechat/relay-protocol';
import type { Clock } from './clock.ts';
import { signToken, verifyToken } from './jwt.ts';

/** A token and when it ends. */
export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: number;
}

/** What the token desk needs. */
export interface TokenDeskParts {
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly random: (length: number) => Uint8Array;
  readonly config: { readonly challengeMs: number; readonly tokenMs: number; readonly storageTokenMs: number };
  /** The secret shared with the storage server. */
  readonly storageSecret: Uint8Array;
}

/** See the module's header. */
export class TokenDesk {
  private readonly answered = new Map<string, number>();

  constructor(private readonly parts: TokenDeskParts) {}

  /** A fresh challenge for a device. */
  challenge(deviceId: DeviceId): { challenge: Uint8Array; expiresAt: number } {
    const expiresAt = this.parts.clock.now() + this.parts.config.challengeMs;
    const challenge = new Uint8Array(32);
    new DataView(challenge.buffer).setUint16(0, Math.floor(expiresAt / 2 ** 32));
    new DataView(challenge.buffer).setUint32(2, expiresAt % 2 ** 32);
    challenge.set(this.parts.random(10), 6);
    challenge.set(this.seal(deviceId, challenge.subarray(0, 16)), 16);
    return { challenge, expiresAt };
  }

  /** Whether this relay made the challenge for this device, it has not expired and was not answered before. */
  isOpen(deviceId: DeviceId, challenge: Uint8Array): boolean {
    const seal = this.seal(deviceId, challenge.subarray(0, 16));
    if (!timingSafeEqual(seal, challenge.subarray(16))) return false;
    return expiryOf(challenge) > this.parts.clock.now() && !this.answered.has(nameOf(challenge));
  }

  /** The challenge was answered: it will not be open again. */
  spend(challenge: Uint8Array): void {
    const now = this.parts.clock.now();
    for (const [name, expiry] of this.answered) {
      if (expiry > now) break;
      this.answered.delete(name);
    }
    this.answered.set(nameOf(challenge), expiryOf(challenge));
  }

  /** A token that shows this relay who the device is. */
  issueRelayToken(deviceId: DeviceId): IssuedToken {
    return this.issue(deviceId, TOKEN_AUDIENCE.relay, this.parts.secret, this.parts.config.tokenMs);
  }

  /** A token for the storage server, under a pseudonym of the account that only this relay can compute. */
  issueStorageToken(accountId: string): IssuedToken {
    const pseudonym = hmac(this.parts.secret, 'storage', accountId).subarray(0, 16).toString('base64url');
    return this.issue(pseudonym, TOKEN_AUDIENCE.storage, this.parts.storageSecret, this.parts.config.storageTokenMs);
  }

  /** The device that a token names, or undefined when it is forged, expired or for something else. */
  deviceOf(token: string): DeviceId | undefined {
    return verifyToken(token, TOKEN_AUDIENCE.relay, this.parts.secret, this.parts.clock.now());
  }

  private issue(sub: string, aud: TokenAudience, secret: Uint8Array, ms: number): IssuedToken {
    const exp = Math.floor((this.parts.clock.now() + ms) / 1000);
    return { token: signToken({ sub, aud, exp }, secret), expiresAt: exp * 1000 };
  }

  private seal(deviceId: DeviceId, head: Uint8Array): Uint8Array {
    return hmac(this.parts.secret, 'challenge', deviceId, head).subarray(0, 16);
  }
}

/** The secret to share with the storage server when none is configured: useless for making relay tokens. */
export function storageSecretFrom(tokenSecret: Uint8Array): Uint8Array {
  return hmac(tokenSecret, 'storage tokens');
}

function hmac(secret: Uint8Array, label: string, ...parts: (string | Uint8Array)[]): Buffer {
  const mac = createHmac('sha256', secret).update(label).update('\0');
  for (const part of parts) mac.update(part);
  return mac.digest();
}

function expiryOf(challenge: Uint8Array): number {
  const view = new DataView(challenge.buffer, challenge.byteOffset);
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2);
}

function nameOf(challenge: Uint8Array): string {
  return Buffer.from(challenge).toString('base64url');
}
