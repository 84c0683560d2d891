/**
 * Why a change from somebody else was refused, one type for each rule of the guard (SPEC S-GUARD). The facts in an error are
 * log-safe, but for `author`, which links to a person.
 */

/** What an operation did other than putting a new key into its bucket. */
export type ForeignKeyReason = 'NotAPut' | 'Overwrite' | 'NotABucket' | 'WrongBucket' | 'WrongKey' | 'ManyOps';

/** `author` is the author's public key in base64url; `actor` and hashes are hex. */
export type GuardError =
  /** A second change on one (actor, seq): the author told different people different things. Its valid records are kept. */
  | {
      readonly type: 'Equivocation';
      readonly author: string;
      readonly actor: string;
      readonly seq: number;
      readonly known: string;
      readonly second: string;
    }
  | { readonly type: 'StartOpOutOfRange'; readonly startOp: number; readonly expected?: number }
  /** The actor id does not belong to the record's author. */
  | { readonly type: 'StolenActor'; readonly author: string; readonly actor: string }
  /** Too many changes of this author already wait for what they depend on. */
  | { readonly type: 'TooManyOrphans'; readonly author: string; readonly limit: number }
  | { readonly type: 'OversizedChange'; readonly size: number; readonly limit: number }
  /** The change is compressed, so its true size is not known before it is too late. */
  | { readonly type: 'InflatingChange' }
  | { readonly type: 'ForeignKey'; readonly reason: ForeignKeyReason }
  /** Dated so far ahead of our clock that no honest device would have; `by` in milliseconds. */
  | { readonly type: 'DatedAhead'; readonly author: string; readonly by: number }
  /** Dated before something that the author had seen when they wrote it. */
  | { readonly type: 'BackDated'; readonly author: string }
  | { readonly type: 'BadSignature'; readonly author: string }
  /** Nobody vouched for this author (yet). */
  | { readonly type: 'UnknownAuthor'; readonly author: string }
  | { readonly type: 'Malformed'; readonly reason: string }
  | { readonly type: 'WrongChat' }
  /** The author's counter did not go up. */
  | { readonly type: 'CounterReused'; readonly author: string; readonly n: number }
  /** The change does not depend on the author's own change before it. */
  | { readonly type: 'BrokenChain'; readonly author: string; readonly seq: number }
  | { readonly type: 'SegmentOutOfRange'; readonly segment: number }
  /** One author put more into one segment than anybody honest would. */
  | { readonly type: 'SegmentFull'; readonly author: string; readonly segment: number }
  /** One author's forks fill their share of the quarantine. */
  | { readonly type: 'TooManyForks'; readonly author: string };
