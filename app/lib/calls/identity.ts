/** The certificate that one call's connections use, and its fingerprint, which the other side learns under seal. */

export interface CallIdentity {
  readonly certificate: RTCCertificate;
  /** SHA-256 of the certificate, 32 bytes. */
  readonly fingerprint: Uint8Array;
}

const FINGERPRINT = /^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})\r?$/im;

/** Made anew for each call, so that no two calls can be linked by it. Rejects where there is no WebRTC. */
export async function createIdentity(): Promise<CallIdentity> {
  const certificate = await RTCPeerConnection.generateCertificate(ALGORITHM);
  // Not every browser tells the fingerprint of a certificate; each writes it into a description.
  const connection = new RTCPeerConnection({ certificates: [certificate], iceServers: [] });
  try {
    connection.createDataChannel('');
    const { sdp } = await connection.createOffer();
    const fingerprint = fingerprintOf(sdp ?? '');
    if (!fingerprint) throw new Error('a description without a SHA-256 fingerprint');
    return { certificate, fingerprint };
  } finally {
    connection.close();
  }
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };

/** The first SHA-256 fingerprint of a description, 32 bytes; undefined: there is none. Pure. */
export function fingerprintOf(sdp: string): Uint8Array | undefined {
  const hex = FINGERPRINT.exec(sdp)?.[1];
  return hex === undefined ? undefined : Uint8Array.from(hex.split(':'), (byte) => Number.parseInt(byte, 16));
}
