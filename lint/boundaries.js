/**
 * ESLint rule: the way of dependencies (ARCHITECTURE, "Folders"). A file may import its own package, the packages that
 * its package is allowed, and nothing else of ours, whether by package name or by a relative path that climbs out.
 * A third-party library that has a seam may be imported only by that seam.
 */
import path from 'node:path';

/** Package folder -> the packages of ours that it may import. Test folders may also use what `testMay` lists. */
const PACKAGES = {
  crypto: { name: '@securechat/crypto', may: [], testMay: [] },
  'relay/protocol': { name: '@securechat/relay-protocol', may: [], testMay: [] },
  relay: { name: '@securechat/relay', may: ['relay/protocol'], testMay: [] },
  'storage-server': { name: '@securechat/storage-server', may: ['relay/protocol'], testMay: ['relay'] },
  sync: { name: '@securechat/sync', may: ['crypto', 'relay/protocol'], testMay: ['relay'] },
  app: { name: '@securechat/app', may: ['sync'], testMay: ['relay', 'storage-server'] },
  examples: { name: '', may: ['crypto', 'relay/protocol'], testMay: ['relay'] },
};

/** Library -> path pattern of the files that may import it. */
const SEAMS = [
  { library: /^libsodium-wrappers(-sumo)?$/, only: /^crypto\/src\/sodium\.ts$/ },
  { library: /^@scure\/bip39/, only: /^crypto\/src\/recovery\/words(\.test)?\.ts$/ },
  { library: /^uWebSockets\.js$/, only: /^relay\/src\/transport\// },
  { library: /^better-sqlite3$/, only: /^(relay\/(src\/.*sqlite.*|test\/.*)|bench\/.*)$/ },
  { library: /^@automerge\/automerge(\/.*)?$/, only: /^(sync\/src\/documents\/.*|bench\/.*|app\/.*wasm.*)$/ },
  {
    library: /^@automerge\/automerge-repo/,
    only: /^sync\/src\/((documents|adapters)\/|ports\/document-storage\.ts$|web\.ts$)/,
  },
  { library: /^dexie$/, only: /^sync\/src\/adapters\// },
  { library: /^@tus\/|^tus-js-client$/, only: /^storage-server\/|^sync\/src\/media\/|^bench\/media\/plain-upload/ },
  { library: /^@aws-sdk\//, only: /^storage-server\/src\/blobs\/s3-/ },
  { library: /^s3rver$/, only: /^storage-server\/test\// },
  { library: /^peerjs$/, only: /^app\/lib\/calls\// },
];

const ORDER = Object.keys(PACKAGES).sort((a, b) => b.length - a.length);

/** The package folder that holds `relative`, or undefined for scripts, bench and configuration. */
export function packageOf(relative) {
  return ORDER.find((folder) => relative === folder || relative.startsWith(`${folder}/`));
}

/** What is wrong with `from` (a path relative to the root) importing `specifier`; undefined when it is allowed. */
export function judge(from, specifier) {
  const seam = SEAMS.find((s) => s.library.test(specifier));
  if (seam && !seam.only.test(from)) return `${specifier} is imported only through its seam (${seam.only.source})`;
  const owner = packageOf(from);
  if (owner === undefined) return undefined;
  const target = targetOf(from, specifier);
  if (target === undefined || target === owner) return undefined;
  const { may, testMay } = PACKAGES[owner];
  const isTest = /(^|\/)(test|e2e)\/|\.(test|contract)\.ts$|\/fuzz\.ts$/.test(from);
  if (may.includes(target) || (isTest && testMay.includes(target))) return undefined;
  return `${owner} must not import ${target}`;
}

function targetOf(from, specifier) {
  if (specifier.startsWith('.')) return packageOf(path.posix.join(path.posix.dirname(from), specifier));
  return ORDER.find((folder) => {
    const { name } = PACKAGES[folder];
    return name !== '' && (specifier === name || specifier.startsWith(`${name}/`));
  });
}

export default {
  rules: {
    boundaries: {
      meta: { type: 'problem', schema: [], messages: { crossing: '{{reason}}' } },
      create(context) {
        const from = path.relative(context.cwd, context.filename).split(path.sep).join('/');
        const check = (node) => {
          const specifier = node.source?.value;
          if (typeof specifier !== 'string') return;
          const reason = judge(from, specifier);
          if (reason !== undefined) context.report({ node, messageId: 'crossing', data: { reason } });
        };
        return {
          ImportDeclaration: check,
          ImportExpression: check,
          ExportNamedDeclaration: check,
          ExportAllDeclaration: check,
        };
      },
    },
  },
};
