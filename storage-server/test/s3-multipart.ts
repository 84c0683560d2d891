/**
 * The operations of multipart uploads that s3rver does not have: listing them, listing and aborting one, and refusing what
 * names none. They read the folders that s3rver writes. Pages are short, so that callers meet the end of one.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';

const PAGE = 2;
const MIN_PART_BYTES = 5 * 1024 * 1024;

interface Part {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
}

/** The uploads of one bucket that are neither complete nor aborted. */
export class MultipartUploads {
  private readonly folder: string;

  constructor(bucketFolder: string) {
    this.folder = path.join(bucketFolder, '._S3rver_uploads');
  }

  /** Answers a request, or says that it is s3rver's to answer. */
  async answer({ method }: IncomingMessage, res: ServerResponse, url: URL): Promise<boolean> {
    const query = url.searchParams;
    const id = query.get('uploadId');
    if (method === 'GET' && query.has('uploads')) return send(res, 200, await this.list(query));
    if (id === null) return false;
    const parts = await this.partsOf(id);
    if (parts === undefined) return refuse(res, 404, 'NoSuchUpload');
    if (method === 'GET') return send(res, 200, listParts(parts, Number(query.get('part-number-marker') ?? 0)));
    if (method === 'DELETE') return this.abort(res, id);
    const isTooSmall = method === 'POST' && parts.slice(0, -1).some(({ size }) => size < MIN_PART_BYTES);
    return isTooSmall ? refuse(res, 400, 'EntityTooSmall') : false;
  }

  /** Key and id of each upload. */
  async all(): Promise<{ readonly key: string; readonly id: string }[]> {
    const ids = await readdir(this.folder).catch(() => []);
    return Promise.all(ids.map(async (id) => ({ id, key: await readFile(path.join(this.folder, id, 'key'), 'utf8') })));
  }

  private async list(query: URLSearchParams): Promise<string> {
    const after = query.get('upload-id-marker') ?? '';
    const all = (await this.all()).sort((a, b) => (a.id < b.id ? -1 : 1));
    const rest = all.filter(({ key, id }) => key.startsWith(query.get('prefix') ?? '') && id > after);
    const page = rest.slice(0, PAGE);
    const items = page.map(({ key, id }) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
    const { key = '', id = '' } = page.at(-1) ?? {};
    const next = `<NextKeyMarker>${key}</NextKeyMarker><NextUploadIdMarker>${id}</NextUploadIdMarker>`;
    return result('ListMultipartUploadsResult', items, rest.length > PAGE ? next : '');
  }

  private async abort(res: ServerResponse, id: string): Promise<true> {
    await rm(path.join(this.folder, id), { recursive: true });
    res.writeHead(204).end();
    return true;
  }

  private async partsOf(id: string): Promise<Part[] | undefined> {
    const folder = path.join(this.folder, id);
    const files = await readdir(folder).catch(() => undefined);
    if (files === undefined) return undefined;
    const numbers = files.filter((name) => /^\d+\.md5$/.test(name)).map((name) => Number.parseInt(name));
    const parts = numbers.map(async (number) => {
      const file = path.join(folder, String(number));
      return { number, size: (await stat(file)).size, etag: await readFile(`${file}.md5`, 'utf8') };
    });
    return (await Promise.all(parts)).sort((a, b) => a.number - b.number);
  }
}

function listParts(parts: readonly Part[], after: number): string {
  const rest = parts.filter(({ number }) => number > after);
  const page = rest.slice(0, PAGE);
  const items = page.map(
    ({ number, size, etag }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag><Size>${size}</Size></Part>`,
  );
  const next = `<NextPartNumberMarker>${page.at(-1)?.number ?? 0}</NextPartNumberMarker>`;
  return result('ListPartsResult', items, rest.length > PAGE ? next : '');
}

function result(name: string, items: readonly string[], next: string): string {
  return `<${name}><IsTruncated>${next !== ''}</IsTruncated>${next}${items.join('')}</${name}>`;
}

function refuse(res: ServerResponse, status: number, code: string): true {
  return send(res, status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

function send(res: ServerResponse, status: number, xml: string): true {
  res.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
  return true;
}
