/**
 * Uploads into an S3 bucket, over @tus/s3-store: each is one multipart upload, and bytes that are too few for a part wait in
 * an object beside it. Some of the library's habits would break our SPEC and are replaced:
 *
 *   its `.info` objects   the ledger stands in, so that a bucket out of reach does not look like an upload that is gone
 *   parts in parallel     after a failure a later one may be there without the one before; the offset, their sum, would lie
 *   its removal           fails for finished uploads, and forgets the bytes that wait
 *   its expiry            the sweep knows better, and what crashes leave behind is found by listing
 */
import type { ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import { S3Store, type MetadataValue } from '@tus/s3-store';
import { ERRORS, TUS_RESUMABLE, Upload } from '@tus/utils';
import type { S3Config } from '../config.ts';
import { isBlobId, type BlobId } from './blob-id.ts';
import type { Entry, Ledger } from './ledger.ts';

/** Bytes of a part. 10,000 parts make a blob, far more than the cap. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Parts on their way, of all uploads: they wait in files, which fit into the disk space that is spared by default. */
const PARTS_AT_ONCE = 120;
/** Connections to the bucket; each download and each part takes one. */
const CONNECTIONS = 256;

/** The tus store, and access to the bucket for `s3-store`. */
export class S3Uploads extends S3Store {
  /** Per upload, the part that is being sent. */
  private readonly sending = new Map<string, Promise<unknown>>();

  constructor(
    config: S3Config,
    private readonly ledger: Ledger,
  ) {
    super({
      partSize: PART_BYTES,
      maxConcurrentPartUploads: PARTS_AT_ONCE,
      useTags: false,
      s3ClientConfig: clientConfig(config),
    });
    this.extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  }

  /** The client and the bucket's name. */
  get access() {
    return { s3: this.client, Bucket: this.bucket };
  }

  /** How many bytes of a blob are in the bucket, finished or not; undefined when there are none and no upload. */
  async sizeOf(id: BlobId): Promise<number | undefined> {
    const isBegun = this.ledger.get(id)?.multipart !== undefined;
    const parts = isBegun ? await this.retrieveParts(id).catch(undefinedIfMissing) : undefined;
    if (parts === undefined) return this.objectSize(id);
    const waiting = (await this.getIncompletePartSize(id)) ?? 0;
    return parts.reduce((sum, { Size = 0 }) => sum + Size, waiting);
  }

  /** Makes one object of the parts, if that has not happened. Rejects when bytes are missing. */
  async settle(id: BlobId): Promise<void> {
    const { size } = this.entryOf(id);
    if ((await this.objectSize(id)) === size) return;
    await this.finishMultipartUpload(await this.getMetadata(id), await this.retrieveParts(id));
    if ((await this.objectSize(id)) !== size) throw new Error('the bucket holds fewer bytes of a blob than it took');
  }

  /** Aborts uploads of that name and deletes its objects. The ledger need not know it any more. */
  async erase(id: BlobId): Promise<void> {
    const { s3, Bucket } = this.access;
    for await (const { UploadId } of this.begun(id)) {
      await s3.abortMultipartUpload({ Bucket, Key: id, UploadId }).catch(undefinedIfMissing);
    }
    // One by one: deleting several at once wants a checksum that not every service knows.
    for (const Key of [this.partKey(id, true), id]) await s3.deleteObject({ Bucket, Key });
  }

  /** All multipart uploads that are neither complete nor aborted, of one name or of all. */
  async *begun(id?: BlobId) {
    const { s3, Bucket } = this.access;
    let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
    while (marker !== undefined) {
      const page: ListMultipartUploadsCommandOutput = await s3.listMultipartUploads({
        Bucket,
        ...(id && { Prefix: id }),
        ...marker,
      });
      yield* page.Uploads ?? [];
      const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
      marker = IsTruncated === true ? { KeyMarker, UploadIdMarker } : undefined;
    }
  }

  /** Answers the upload protocol's question for the offset. */
  override async getUpload(id: string): Promise<Upload> {
    const entry = this.entryOf(id);
    const offset = await this.sizeOf(entry.id);
    if (offset === undefined) throw ERRORS.FILE_NO_LONGER_EXISTS;
    return uploadOf(entry, offset);
  }

  override async write(source: Parameters<S3Store['write']>[0], id: string, offset: number): Promise<number> {
    if (this.entryOf(id).finishedAt !== undefined) return offset;
    try {
      return await super.write(source, id, offset);
    } finally {
      this.sending.delete(id);
    }
  }

  override async remove(id: string): Promise<void> {
    const entry = this.entryOf(id);
    await this.erase(entry.id);
    await this.ledger.remove(entry.id);
  }

  protected override async saveMetadata({ id }: Upload, multipart: string): Promise<void> {
    await this.ledger.put({ ...this.entryOf(id), multipart });
  }

  protected override async getMetadata(id: string): Promise<MetadataValue> {
    const entry = this.entryOf(id);
    if (entry.multipart === undefined) throw ERRORS.FILE_NOT_FOUND;
    return { file: uploadOf(entry, 0), 'upload-id': entry.multipart, 'tus-version': TUS_RESUMABLE };
  }

  protected override uploadPart(...part: Parameters<S3Store['uploadPart']>): Promise<string> {
    return this.inTurn(part[0].file.id, () => super.uploadPart(...part));
  }

  protected override uploadIncompletePart(...part: Parameters<S3Store['uploadIncompletePart']>): Promise<string> {
    return this.inTurn(part[0], () => {
      this.entryOf(part[0]); // an upload that was swept away meanwhile leaves nothing behind
      return super.uploadIncompletePart(...part);
    });
  }

  /** After a part that failed, none that follows is sent. */
  private inTurn(id: string, send: () => Promise<string>): Promise<string> {
    const sent = (this.sending.get(id) ?? Promise.resolve()).then(send);
    this.sending.set(id, sent);
    return sent;
  }

  private async objectSize(Key: BlobId): Promise<number | undefined> {
    const { s3, Bucket } = this.access;
    return (await s3.headObject({ Bucket, Key }).catch(undefinedIfMissing))?.ContentLength;
  }

  private entryOf(id: string): Entry {
    const entry = isBlobId(id) ? this.ledger.get(id) : undefined;
    if (entry === undefined) throw ERRORS.FILE_NOT_FOUND;
    return entry;
  }
}

/** The library would name blobs in its log. Errors reach ours as they are thrown. */
const silence = () => undefined;
const SILENT = { trace: silence, debug: silence, info: silence, warn: silence, error: silence };

function clientConfig({ bucket, region, endpoint, accessKey, secretKey }: S3Config) {
  const agent = { keepAlive: true, maxSockets: CONNECTIONS };
  return {
    bucket,
    region,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    // Checksums that a service does not know end up as bytes of the blob.
    requestChecksumCalculation: 'WHEN_REQUIRED' as const,
    responseChecksumValidation: 'WHEN_REQUIRED' as const,
    logger: SILENT,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000, httpAgent: agent, httpsAgent: agent },
  };
}

function uploadOf({ id, size, createdAt }: Entry, offset: number): Upload {
  return new Upload({ id, size, offset, creation_date: new Date(createdAt).toISOString() });
}

/** What S3 services call an upload or an object that is not there. */
function undefinedIfMissing(thrown: unknown): undefined {
  if (!(thrown instanceof Error) || !['NoSuchUpload', 'NoSuchKey', 'NotFound'].includes(thrown.name)) throw thrown;
}
