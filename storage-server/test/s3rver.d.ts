/** What the tests use of s3rver, which has no types of its own. */
declare module 's3rver' {
  import type { RequestListener, Server } from 'node:http';

  export default class S3rver {
    constructor(options: {
      readonly directory: string;
      readonly silent: boolean;
      readonly vhostBuckets: boolean;
      readonly configureBuckets: readonly { readonly name: string }[];
    });
    configureBuckets(): Promise<unknown>;
    callback(): RequestListener;
    listen(port: number, address: string): Promise<Server>;
  }
}
