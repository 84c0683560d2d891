/** Whom a status is shared with, while it is chosen. */
import type { AccountId, StatusAudience } from '@securechat/sync/api';
import { text } from '$lib/text/index.ts';

type AudienceType = StatusAudience['type'];

/** In a few words; without names, which may be many. */
export function describeAudience(audience: StatusAudience): string {
  const { summary } = text.audience;
  return audience.type === 'all' ? summary.all : summary[audience.type](audience.accountIds.length);
}

export class AudienceChoice {
  type = $state<AudienceType>('all');
  /** Each has a list of its own, so that looking at the other loses nothing. */
  #except = $state.raw<readonly AccountId[]>([]);
  #only = $state.raw<readonly AccountId[]>([]);

  constructor(audience: StatusAudience) {
    this.type = audience.type;
    if (audience.type !== 'all') this.chosen = audience.accountIds;
  }

  get chosen(): readonly AccountId[] {
    return this.type === 'except' ? this.#except : this.#only;
  }

  set chosen(accountIds: readonly AccountId[]) {
    if (this.type === 'except') this.#except = accountIds;
    else this.#only = accountIds;
  }

  /** Undefined: nobody is chosen who would get it. */
  get audience(): StatusAudience | undefined {
    if (this.type === 'only') return this.#only.length > 0 ? { type: 'only', accountIds: this.#only } : undefined;
    return this.type === 'except' && this.#except.length > 0
      ? { type: 'except', accountIds: this.#except }
      : { type: 'all' };
  }
}
