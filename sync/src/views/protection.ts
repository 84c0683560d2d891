/** What would be left of the account if this device were lost. */
import { recoveryOf } from '@securechat/crypto';
import type { Protection } from '../api.ts';
import type { Engine } from '../engine.ts';

export async function protectionOf({ self, ownLog, personal, chats, estimate }: Engine): Promise<Protection> {
  const { siblings } = ownLog;
  const hasRecovery = recoveryOf(self.identity.log) !== undefined;
  const lastBackup = personal.settings.get()['lastBackup'];
  const persistent = (await estimate?.())?.persistent;
  return {
    devices: siblings.length + 1,
    hasRecovery,
    atRisk: chats.countRecords() > 0 && siblings.length === 0 && !(hasRecovery && typeof lastBackup === 'number'),
    ...(typeof lastBackup === 'number' && { lastBackup }),
    ...(persistent !== undefined && { persistent }),
  };
}
