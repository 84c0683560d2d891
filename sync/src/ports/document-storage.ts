/** Port: where document chunks are kept. automerge-repo's own interface, so that its storage adapters fit as they are. */
export type { StorageAdapterInterface as DocumentStorage } from '@automerge/automerge-repo/slim';
