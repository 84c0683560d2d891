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

/** Two projects: everything that needs only Node, and the promises that need a real Chromium. */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [runes],
        resolve: { alias: { $lib: fileURLToPath(new URL('./app/lib', import.meta.url)) } },
        test: {
          name: 'unit',
          include: [
            '{crypto,relay,storage-server,sync,lint,scripts,examples,bench}/**/*.test.ts',
            'app/lib/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['app/e2e/**/*.e2e.ts'],
          environment: 'node',
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Each file has its own relay and browsers; two at a time keep two cores busy.
          maxWorkers: 2,
        },
      },
    ],
  },
});
