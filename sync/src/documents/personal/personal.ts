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
import { CHATS_TABLES, type ChatsDocument, chatsDocument } from './chats.ts';
import { CONTACTS_TABLES, type ContactsDocument, contactsDocument } from './contacts.ts';
import { FlatDocument, personalGenesis } from './flat-document.ts';
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
}

const ID_BYTES = 16;

/** Opens the account's personal documents, or makes them. `initAutomerge` must have finished. */
export async function openPersonalDocuments(options: PersonalDocumentsOptions): Promise<PersonalDocuments> {
  const storage = new RepoStorage(options.storage);
  const repo = new Repo({ network: [], storage, peerId: toBase64Url(options.random(ID_BYTES)) as PeerId });
  const open = async (name: string, tables: readonly string[]): Promise<FlatDocument> => {
    const id = documentIdOf(options.accountSecret, name);
    if ((await storage.loadRange([id])).length === 0) {
      await storage.save([id, 'snapshot', 'genesis'], personalGenesis(tables));
    }
    return FlatDocument.open(repo, id);
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

function documentIdOf(accountSecret: Uint8Array, name: string): DocumentId {
  const secret = hash('SecureChat personal documents v1', accountSecret);
  const id = hash('SecureChat personal document v1', secret, utf8(name)).slice(0, ID_BYTES);
  return interpretAsDocumentId(id as BinaryDocumentId);
}
