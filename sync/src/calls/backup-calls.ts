/** Calls for the encrypted backup: writing it part by part, and taking one in piece by piece. */
import { concat } from '@securechat/crypto';
import { BackupReader, startBackup } from '../backup/backup-file.ts';
import { type BackupFrame, backupFrames } from '../backup/backup-frames.ts';
import type { Engine } from '../engine.ts';
import { type Handlers, done, refused } from './answers.ts';

/** Bytes of one part of a backup, about. */
const PART_BYTES = 512 * 1024;

interface Writing {
  readonly id: string;
  readonly file: ReturnType<typeof startBackup>;
  readonly frames: AsyncGenerator<BackupFrame>;
  readonly total: number;
  done: number;
  part: number;
}

export function backupCalls(engine: Engine): Handlers<'backupPart' | 'importBackupPart'> {
  let writing: Writing | undefined;
  let reader: BackupReader | undefined;
  let messages = 0;

  const start = (): Writing => {
    const { account } = engine.self.identity;
    const [total, frames] = [engine.chats.countRecords(), backupFrames(engine)];
    const id = String(engine.clock.now());
    return { id, file: startBackup(account, engine.random), frames, total, done: 0, part: 0 };
  };

  return {
    async backupPart({ cursor }) {
      if (cursor === undefined) writing = start();
      const now = writing;
      // A second export, or a restart, ended this one: its stream cannot be taken up again.
      if (now === undefined || (cursor !== undefined && cursor !== `${now.id}.${String(now.part)}`))
        return refused({ type: 'NotOpen' });
      const pieces: Uint8Array[] = now.part === 0 ? [now.file.head] : [];
      let bytes = 0;
      let isLast = false;
      while (bytes < PART_BYTES && !isLast) {
        const next = await now.frames.next();
        isLast = next.done === true;
        const [parts, records] = next.done === true ? [[], 0] : next.value;
        const piece = now.file.add(parts, isLast);
        pieces.push(piece);
        bytes += piece.length;
        now.done += records;
      }
      now.part += 1;
      if (isLast) {
        writing = undefined;
        await engine.personal.settings.set({ lastBackup: engine.clock.now() });
      }
      const progress = { done: Math.min(now.done, now.total), total: now.total };
      return done({ bytes: concat(...pieces), ...progress, ...(!isLast && { next: `${now.id}.${String(now.part)}` }) });
    },
    async importBackupPart({ bytes, first, last }) {
      if (first) {
        reader = new BackupReader(engine.self.identity.account);
        messages = 0;
      }
      const current = reader;
      if (current === undefined) return refused({ type: 'NotOpen' });
      const { frames, error } = current.read(bytes);
      for (const parts of frames) messages += await engine.takeBackup(parts);
      if (error !== undefined) {
        reader = undefined;
        return refused({ type: error.type === 'OfAnother' ? 'BackupOfAnother' : 'BackupDamaged' });
      }
      if (!last) return done({ messages });
      reader = undefined;
      // What was whole before the damage stays: every record proves itself.
      return current.isComplete ? done({ messages }) : refused({ type: 'BackupDamaged' });
    },
  };
}
