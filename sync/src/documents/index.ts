/** What the engine uses of the documents: the one face of the automerge seam. */
export { type WasmSource, initAutomerge } from './automerge.ts';
export { openChatDocuments } from './chat/chat-documents.ts';
export {
  DamagedChunkError,
  type EncryptedStorageOptions,
  createEncryptedStorageAdapter,
} from './storage/encrypted-adapter.ts';
export type { ForeignKeyReason, GuardError } from './guard/guard-error.ts';
export { createIndexedDbStorageAdapter } from './storage/indexeddb-adapter.ts';
export {
  type MemoryStorageAdapter,
  type MemoryStorageOptions,
  type MemoryStorageSnapshot,
  type StorageWrite,
  createMemoryStorageAdapter,
} from './storage/memory-adapter.ts';
export type { ChatEntry, ChatFlags, ChatsDocument } from './personal/chats.ts';
export type { ContactChange, ContactEntry, ContactsDocument } from './personal/contacts.ts';
export type { DeviceEntry, DevicesDocument } from './personal/devices.ts';
export type { PersonalAnswer, PersonalChange, PersonalIngested } from './personal/exchange.ts';
export { type PersonalDocuments, type PersonalDocumentsOptions, openPersonalDocuments } from './personal/personal.ts';
export { encodePersonalSummary } from './personal/personal-summary.ts';
export type { OwnProfile, ProfileChange, ProfileDocument } from './personal/profile.ts';
export type { SettingsDocument } from './personal/settings.ts';
export { type SegmentCache, createSegmentCache } from './segment/segment-cache.ts';
export { type SegmentSummary, type Summary, decodeSummary, encodeSummary } from './repair/summary.ts';
export type {
  Answer,
  AnswerOptions,
  Appended,
  Carrier,
  ChatDocuments,
  ChatDocumentsOptions,
  Ingested,
  Refused,
  WireChange,
} from './types.ts';
