import { expect, it } from 'vitest';
import { fileName } from './save-file.ts';

const time = Date.UTC(2026, 4, 20, 12);

it.each([
  [{ kind: 'file', type: 'application/pdf', name: 'minutes.pdf' }, 'minutes.pdf'],
  [{ kind: 'file', type: 'application/pdf', name: '../../minutes\u202efdp.exe' }, '....minutesfdp.exe'],
  [{ kind: 'image', type: 'image/jpeg' }, 'image-2026-05-20.jpg'],
  [{ kind: 'voice', type: 'audio/webm' }, 'voice-2026-05-20.webm'],
  [{ kind: 'file', type: '', name: '\u0000' }, 'file-2026-05-20.bin'],
] as const)('%j is saved as %s', (about, name) => {
  expect(fileName({ size: 1, ...about }, time)).toBe(name);
});
