import { fileURLToPath } from 'node:url';
import { compileModule } from 'svelte/compiler';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

type Plugin = Extract<NonNullable<ViteUserConfig['plugins']>[number], { name: string }>;

/** The app's view models are modules with runes. Tests run them as a browser would, without any component around. */
const runes: Plugin = {
  name: 'securechat-runes',
  enforce: 'post',
  transform(code, id) {
    if (!id.endsWith('.svelte.ts')) return undefined;
    const { js } = compileModule(code, { filename: id, generate: 'client' });
    return { code: js.code, map: js.map };
  },
};

/** Parts of the program by themselves. Loading them, with two wasm modules, takes longer than most of their tests. */
const PARTS = ['{crypto,lint,relay/protocol,sync/src}/**/*.test.ts', 'app/lib/**/*.test.ts'];
/** They change what other files have loaded. */
const CHANGING = ['sync/src/documents/guard/refusal.test.ts', 'sync/src/documents/storage/storage-adapters.test.ts'];
const OTHERS = '{relay,storage-server,sync,scripts,examples,bench}/**/*.test.ts';
const NOT_OURS = '**/node_modules/**';

const inNode = {
  plugins: [runes],
  resolve: { alias: { $lib: fileURLToPath(new URL('./app/lib', import.meta.url)) } },
};
/** Browser tests of calls. */
const CALLS = 'app/e2e/**/*{call,calls,call-*,calls-*}.e2e.ts';
const inBrowsers = {
  ...{ environment: 'node', testTimeout: 300_000, hookTimeout: 300_000 },
  // As long as any other step in a browser may take (app/e2e/world/browser.ts).
  expect: { poll: { timeout: 60_000 } },
} as const;
const patient = { environment: 'node', testTimeout: 180_000, hookTimeout: 180_000, maxWorkers: 2 };

/**
 * Everything that needs only Node: `unit`, whose files share processes that load the program once, and `unit-alone`, each file
 * in a process of its own. And `e2e`, the promises that need a real Chromium or a real TURN server; of them `e2e-calls` one after
 * another.
 */
export default defineConfig({
  test: {
    projects: [
      {
        ...inNode,
        test: { ...patient, name: 'unit', include: PARTS, exclude: [NOT_OURS, ...CHANGING], isolate: false },
      },
      {
        ...inNode,
        test: {
          ...patient,
          name: 'unit-alone',
          include: [OTHERS, ...CHANGING],
          // All that is in no part, wherever it is: a new folder is not forgotten.
          exclude: [NOT_OURS, ...PARTS.map((part) => part.replace('**/*', '**/!(refusal|storage-adapters)*'))],
        },
      },
      {
        test: {
          ...inBrowsers,
          name: 'e2e',
          include: ['app/e2e/**/*.e2e.ts', 'relay/test/**/*.e2e.ts'],
          exclude: [NOT_OURS, CALLS],
          // Each file has its own relay and browsers; two at a time keep two cores busy.
          maxWorkers: 2,
        },
      },
      {
        // A tab that gets no processor time for some seconds falls out of its call, as one that is gone does; so nothing
        // else runs beside three browsers that draw and seal pictures.
        test: { ...inBrowsers, name: 'e2e-calls', include: [CALLS], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
