/**
 * The personal documents of an account: one Repo over the device's storage, four small documents whose ids derive from
 * the account's secret, so that a second own device opens the same ones.
 */
import {
  type BinaryDocumentId,
  type DocumentId,
  type PeerId,
  Repo,
  type StorageAdapterInterface,
  interpretAsDocumentId,
} from '@automerge/automerge-repo/slim';
import { type Random, hash, toBase64Url, utf8 } from '@securechat/crypto';
import { ByteSink } from '../../records/cursor.ts';
import { CHATS_TABLES, type ChatsDocument, chatsDocument } from './chats.ts';
import { CONTACTS_TABLES, type ContactsDocument, contactsDocument } from './contacts.ts';
import { FlatDocument } from './flat-document.ts';
import { openGeneration } from './generation.ts';
import { PROFILE_TABLES, type ProfileDocument, profileDocument } from './profile.ts';
import { RepoStorage } from './repo-storage.ts';
import { SETTINGS_TABLES, type SettingsDocument, settingsDocument } from './settings.ts';

/** Reading is immediate and gives the same reference until something changed; a write resolves when it is durable. */
export interface PersonalDocuments {
  readonly profile: ProfileDocument;
  readonly contacts: ContactsDocument;
  readonly settings: SettingsDocument;
  readonly chats: ChatsDocument;
  /** Waits for running writes; later ones are refused. */
  close(): Promise<void>;
}

export interface PersonalDocumentsOptions {
  readonly storage: StorageAdapterInterface;
  /** Secret bytes of the account; the document ids are hashes of it. */
  readonly accountSecret: Uint8Array;
  /** Names this session to other own devices, once there are any. */
  readonly random: Random;
  /** Changes that a document may hold before its values move to a new one at opening. Only tests pass it. */
  readonly maxChanges?: number;
}

const ID_BYTES = 16;
const MAX_CHANGES = 4000;

/** Opens the account's personal documents, or makes them. `initAutomerge` must have finished. */
export async function openPersonalDocuments(options: PersonalDocumentsOptions): Promise<PersonalDocuments> {
  const storage = new RepoStorage(options.storage);
  const repo = new Repo({ network: [], storage, peerId: toBase64Url(options.random(ID_BYTES)) as PeerId });
  const open = async (name: string, tables: readonly string[]): Promise<FlatDocument> => {
    const idOf = (generation: number): DocumentId => documentIdOf(options.accountSecret, name, generation);
    const maxChanges = options.maxChanges ?? MAX_CHANGES;
    return FlatDocument.open(repo, await openGeneration({ storage, name, tables, idOf, maxChanges }));
  };
  const profile = await open('profile', PROFILE_TABLES);
  const contacts = await open('contacts', CONTACTS_TABLES);
  const settings = await open('settings', SETTINGS_TABLES);
  const chats = await open('chats', CHATS_TABLES);
  return {
    profile: profileDocument(profile),
    contacts: contactsDocument(contacts),
    settings: settingsDocument(settings),
    chats: chatsDocument(chats),
    close: async () => {
      for (const document of [profile, contacts, settings, chats]) await document.close();
    },
  };
}

function documentIdOf(accountSecret: Uint8Array, name: string, generation: number): DocumentId {
  const secret = hash('SecureChat personal documents v1', accountSecret);
  const number = new ByteSink().uint(generation, 4).finish();
  const id = hash('SecureChat personal document v1', secret, number, utf8(name)).slice(0, ID_BYTES);
  return interpretAsDocumentId(id as BinaryDocumentId);
}
