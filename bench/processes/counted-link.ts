/** The bytes and frames of a device's sockets, as the relay sees them. Requests over HTTP are not in it. */
import { decodeClientFrame } from '@securechat/relay-protocol';
import type { RelayLink } from '../../sync/src/ports/relay-link.ts';

/** Of frames since somebody set them to 0. */
export interface Traffic {
  sent: number;
  received: number;
  /** Envelopes posted; one to many mailboxes is one. */
  posts: number;
}

/** Adds to `traffic` whatever goes over the sockets of `link`. */
export function countedLink(link: RelayLink, traffic: Traffic): RelayLink {
  return {
    request: (relayUrl, request) => link.request(relayUrl, request),
    openSocket(relayUrl, events) {
      const socket = link.openSocket(relayUrl, {
        ...events,
        onFrame(frame) {
          traffic.received += frame.length;
          events.onFrame(frame);
        },
      });
      return {
        send(frame) {
          const isSent = socket.send(frame);
          if (isSent) count(traffic, frame);
          return isSent;
        },
        close: () => {
          socket.close();
        },
      };
    },
  };
}

function count(traffic: Traffic, frame: Uint8Array): void {
  traffic.sent += frame.length;
  const decoded = decodeClientFrame(frame);
  if (decoded.ok && decoded.value.type === 'post') traffic.posts += 1;
}
