/**
 * The two tokens a relay gives out: JWTs signed with HS256, opaque to clients. Both servers check `aud` and `exp`.
 *   relay    sub = device id                 shown to the relay itself, over HTTP and in `signIn`
 *   storage  sub = per-account pseudonym      shown to the storage server, which cannot link it to an account
 */
export const TOKEN_AUDIENCE = { relay: 'securechat-relay', storage: 'securechat-storage' } as const;

/** The algorithm of both tokens. */
export const TOKEN_ALGORITHM = 'HS256';

/** Who a token is for. */
export type TokenAudience = (typeof TOKEN_AUDIENCE)[keyof typeof TOKEN_AUDIENCE];
