/** What is served when the engine cannot even be opened: one phase, and no calls. */
import type { ClientApi, Phase } from '@securechat/sync/api';

const BROKEN: Phase = { type: 'Broken', reason: 'StorageUnavailable' };

/** A client that says that this browser's storage cannot be used. */
export function brokenClient(): ClientApi {
  return {
    call: () => Promise.resolve({ ok: false, error: { type: 'NotOpen' } }),
    watch(name, _args, onValue) {
      // `name` decides the type of the value; the compiler cannot see that 'phase' means Phase.
      if (name === 'phase') (onValue as (value: Phase) => void)(BROKEN);
      return () => undefined;
    },
  };
}
