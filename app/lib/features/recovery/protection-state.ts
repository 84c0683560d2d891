/** What is said of the protection of an account in one line. Pure. */
import type { Protection } from '@securechat/sync/api';
import { text } from '../../text/index.ts';

export interface ProtectionState {
  readonly kind: 'safe' | 'bare' | 'risk';
  readonly words: string;
}

/** `bare`: something would be missing afterwards, but there is nothing to lose yet. */
export function describeProtection({ atRisk, devices, hasRecovery, lastBackup }: Protection): ProtectionState {
  if (devices > 1 || (hasRecovery && lastBackup !== undefined)) return { kind: 'safe', words: text.recovery.safe };
  if (hasRecovery) return { kind: atRisk ? 'risk' : 'bare', words: text.recovery.onlyAccount };
  return atRisk ? { kind: 'risk', words: text.recovery.atRisk } : { kind: 'bare', words: text.recovery.bare };
}
