/** The wire version this package speaks: the `v1` of every path. */
export const WIRE_VERSION = 1;
/** Path of the WebSocket. */
export const SOCKET_PATH = '/v1/ws';
