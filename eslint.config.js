import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import boundaries from './lint/boundaries.js';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['**/node_modules/', 'build/', 'dist/', '.svelte-kit/', 'bench/results/', 'data/', 'coverage/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    plugins: { securechat: boundaries },
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'securechat/boundaries': 'error',
      'no-console': 'error',
      'no-undef': 'off',
      'no-shadow': 'off',
      eqeqeq: 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/unified-signatures': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
    rules: { 'svelte/no-at-html-tags': 'error' },
  },
  {
    files: ['**/*.ts'],
    ignores: ['app/**', '**/*.svelte.ts', '**/*.d.ts'],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vite.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['scripts/**', 'bench/**', 'sync/test/simulation/run.ts', 'relay/src/main.ts', 'storage-server/src/main.ts'],
    rules: { 'no-console': 'off' },
  },
);
