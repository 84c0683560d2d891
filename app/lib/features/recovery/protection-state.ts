/** What is said of the protection of an account in one line. Pure. */
import type { Protection } from '@securechat/sync/api';
import { text } from '../../text/index.ts';

export interface ProtectionState {
  readonly kind: 'safe' | 'bare' | 'risk';
  readonly words: string;
}

/** `bare`: nothing would save it, but there is nothing to lose yet either. */
export function describeProtection({ atRisk, devices, hasRecovery }: Protection): ProtectionState {
  if (atRisk) return { kind: 'risk', words: text.recovery.atRisk };
  return devices > 1 || hasRecovery
    ? { kind: 'safe', words: text.recovery.safe }
    : { kind: 'bare', words: text.recovery.bare };
}
