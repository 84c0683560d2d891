import { expect, it } from 'vitest';
import { uploadSource } from './upload-source.ts';

const LENGTH = 4;

/** A file whose byte i is i, and what was asked of it. */
function file(size: number, fails: (from: number) => boolean = () => false) {
  const asked: string[] = [];
  const source = uploadSource(size, async (from, to) => {
    asked.push(`${String(from)}-${String(to)}`);
    if (fails(from)) throw new Error(`no ${String(from)}`);
    return Uint8Array.from({ length: to - from }, (_, at) => from + at);
  });
  return { asked, slice: (from: number) => source.slice(from, from + LENGTH) };
}

it('S-SEND-2 reads the next piece while one is sent, each once, to the end and no further', async () => {
  const { asked, slice } = file(10);
  const first = await slice(0);
  expect(asked).toEqual(['0-4', '4-8']);
  const [second, third] = [await slice(4), await slice(8)];
  expect(asked).toEqual(['0-4', '4-8', '8-10']);
  expect([first, second, third].map(({ value, done }) => [value, value.size, done])).toEqual([
    [Object.assign(Uint8Array.of(0, 1, 2, 3), { size: 4 }), 4, false],
    [Object.assign(Uint8Array.of(4, 5, 6, 7), { size: 4 }), 4, false],
    [Object.assign(Uint8Array.of(8, 9), { size: 2 }), 2, true],
  ]);
});

it('S-SEND-2 reads what is asked for when the server has less, or more, than was sent', async () => {
  const { asked, slice } = file(10);
  await slice(3);
  expect(asked).toEqual(['3-7', '7-10']);
  const { value } = await slice(5);
  expect([...(value as Uint8Array)]).toEqual([5, 6, 7, 8]);
  expect(asked).toEqual(['3-7', '7-10', '5-9', '9-10']);
});

it('S-SEND-2 what cannot be read is told when it is its turn, and read anew when it is asked for again', async () => {
  let isGone = true;
  const { slice } = file(10, (from) => isGone && from === 4);
  await expect(slice(0)).resolves.toMatchObject({ done: false });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await expect(slice(4)).rejects.toThrow('no 4');
  isGone = false;
  await expect(slice(4)).resolves.toMatchObject({ done: false });
});
