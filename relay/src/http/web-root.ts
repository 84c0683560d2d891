/**
 * Serves a built web app from a folder: files as they are (or their .br / .gz twin), and the app's shell for every page
 * address, since the app does its own routing. Hashed files are cached for ever, everything else is revalidated.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { PAGE_HEADERS } from './security-headers.ts';

/** Answers a GET or HEAD from the folder; undefined when there is no such file and the request wants no page. */
export type WebRoot = (request: Request) => Promise<Response | undefined>;

interface Found {
  readonly file: string;
  readonly encoding: 'br' | 'gzip' | undefined;
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
const SHELLS = ['200.html', 'index.html'];

/** A server of the files in `folder`. */
export function createWebRoot(folder: string): WebRoot {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    const accepted = request.headers.get('accept-encoding') ?? '';
    const path = legalPath(new URL(request.url).pathname);
    const own = path === undefined || path === '' ? undefined : await find(folder, path, accepted);
    if (own !== undefined && path !== undefined) return answer(request, own, path);
    if (path === undefined || path.startsWith('_app/') || !wantsPage(request, path)) return undefined;
    for (const shell of SHELLS) {
      const page = await find(folder, shell, accepted);
      if (page !== undefined) return answer(request, page, shell);
    }
    return undefined;
  };
}

/** The path below the folder, or undefined when it tries to leave it or names something hidden. */
function legalPath(pathname: string): string | undefined {
  try {
    const segments = decodeURIComponent(pathname).split('/').filter(Boolean);
    const isLegal = (segment: string): boolean => !segment.startsWith('.') && !/[\\\0:]/.test(segment);
    return segments.every(isLegal) ? segments.join('/') : undefined;
  } catch {
    return undefined;
  }
}

async function find(folder: string, path: string, accepted: string): Promise<Found | undefined> {
  const plain = await look(folder, path, undefined);
  if (plain === undefined) return undefined;
  const brotli = /\bbr\b/.test(accepted) ? await look(folder, `${path}.br`, 'br') : undefined;
  return brotli ?? (/\bgzip\b/.test(accepted) ? await look(folder, `${path}.gz`, 'gzip') : undefined) ?? plain;
}

/** A file of the folder; links are followed, but not out of it. */
async function look(folder: string, path: string, encoding: Found['encoding']): Promise<Found | undefined> {
  try {
    const file = await realpath(join(folder, path));
    const facts = await stat(file);
    const etag = `"${facts.size.toString(36)}-${Math.floor(facts.mtimeMs).toString(36)}${encoding ? `-${encoding}` : ''}"`;
    const isInside = file.startsWith((await realpath(folder)) + sep);
    return isInside && facts.isFile() ? { file, encoding, etag } : undefined;
  } catch {
    return undefined;
  }
}

async function answer(request: Request, { file, encoding, etag }: Found, path: string): Promise<Response> {
  const headers = new Headers(PAGE_HEADERS);
  headers.set('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
  headers.set('cache-control', path.startsWith('_app/immutable/') ? 'public, max-age=31536000, immutable' : 'no-cache');
  headers.set('etag', etag);
  headers.set('vary', 'accept-encoding');
  if (encoding !== undefined) headers.set('content-encoding', encoding);
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(await readFile(file)), { headers });
}

/** A browser asks for pages by name; others get the shell for what looks like no file. */
function wantsPage(request: Request, path: string): boolean {
  const accept = request.headers.get('accept') ?? '*/*';
  return path === '' || accept.includes('text/html') || (accept.includes('*/*') && extname(path) === '');
}
