/**
 * The personal documents of an account: one Repo over the device's storage, five small documents whose ids derive from
 * the account's secret, so that every own device opens the same ones, and what own devices tell each other of them.
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
import { CHATS, type ChatsDocument, chatsDocument } from './chats.ts';
import { CONTACTS, type ContactsDocument, contactsDocument } from './contacts.ts';
import { DEVICES, type DevicesDocument, devicesDocument } from './devices.ts';
import {
  type PersonalAnswer,
  type PersonalChange,
  type PersonalIngested,
  answerSummary,
  ingestChanges,
  summarise,
} from './exchange.ts';
import type { Shape } from './flat-document.ts';
import { PersonalDocument } from './personal-document.ts';
import { PROFILE, type ProfileDocument, profileDocument } from './profile.ts';
import { RepoStorage } from './repo-storage.ts';
import { SETTINGS, type SettingsDocument, settingsDocument } from './settings.ts';

/** Reading is immediate and gives the same reference until something changed; a write resolves when it is durable. */
export interface PersonalDocuments {
  readonly profile: ProfileDocument;
  readonly contacts: ContactsDocument;
  readonly settings: SettingsDocument;
  readonly chats: ChatsDocument;
  readonly devices: DevicesDocument;
  /**
   * Calls `listener` with this device's changes as soon as they are durable, before the write resolves. A crash may come
   * in between, so pushing them on is not enough: compare summaries at every connection. Answers how to stop.
   */
  onLocalChange(listener: (changes: readonly PersonalChange[]) => void): () => void;
  /** What is here, in at most 16 KiB. */
  summary(): Uint8Array;
  /** What the device that told `summary` lacks, at least one change if anything. Never throws, whatever it says. */
  answer(summary: Uint8Array, budgetBytes: number): PersonalAnswer;
  /** Takes in what another own device sent; what is kept is durable when it resolves. Rejects only when storage fails. */
  ingest(changes: readonly PersonalChange[]): Promise<PersonalIngested>;
  /** The generation of each document, for a device that is being linked. */
  generations(): Readonly<Record<string, number>>;
  /** Waits for running writes; later ones are refused. */
  close(): Promise<void>;
}

export interface PersonalDocumentsOptions {
  readonly storage: StorageAdapterInterface;
  /** Secret bytes of the account; the document ids are hashes of it. */
  readonly accountSecret: Uint8Array;
  /** Names this session to the Repo. */
  readonly random: Random;
  /** The account has no other device: documents with a long history may move to their next generation. */
  readonly alone: boolean;
  /** What {@link PersonalDocuments.generations} said on the device that linked this one. */
  readonly generations?: Readonly<Record<string, number>>;
  /** Changes that a document may hold before its values move to a new one at opening. Only tests pass it. */
  readonly maxChanges?: number;
}

const ID_BYTES = 16;
const MAX_CHANGES = 4000;

/** Opens the account's personal documents, or makes them. `initAutomerge` must have finished. */
export async function openPersonalDocuments(options: PersonalDocumentsOptions): Promise<PersonalDocuments> {
  const { alone, accountSecret, maxChanges = MAX_CHANGES } = options;
  const storage = new RepoStorage(options.storage);
  const repo = new Repo({ network: [], storage, peerId: toBase64Url(options.random(ID_BYTES)) as PeerId });
  const open = (shape: Shape): Promise<PersonalDocument> => {
    const idOf = (generation: number): DocumentId => documentIdOf(accountSecret, shape.name, generation);
    const told = options.generations?.[shape.name] ?? 0;
    return PersonalDocument.open({ repo, storage, shape, idOf, alone, maxChanges, told });
  };
  const profile = await open(PROFILE);
  const contacts = await open(CONTACTS);
  const settings = await open(SETTINGS);
  const chats = await open(CHATS);
  const devices = await open(DEVICES);
  const all = [profile, settings, devices, contacts, chats];
  return {
    profile: profileDocument(profile),
    contacts: contactsDocument(contacts),
    settings: settingsDocument(settings),
    chats: chatsDocument(chats),
    devices: devicesDocument(devices),
    onLocalChange: (listener) => {
      const stops = all.map((document) =>
        document.onLocalChange((changes) => {
          listener(changes.map((change) => ({ name: document.name, ...change })));
        }),
      );
      return () => {
        for (const stop of stops) stop();
      };
    },
    summary: () => summarise(all),
    answer: (summary, budgetBytes) => answerSummary(all, summary, budgetBytes),
    ingest: (changes) => ingestChanges(all, changes),
    generations: () => Object.fromEntries(all.map(({ name, newest }) => [name, newest.generation])),
    close: async () => {
      for (const document of all) await document.close();
    },
  };
}

function documentIdOf(accountSecret: Uint8Array, name: string, generation: number): DocumentId {
  const secret = hash('SecureChat personal documents v1', accountSecret);
  const number = new ByteSink().uint(generation, 4).finish();
  const id = hash('SecureChat personal document v1', secret, number, utf8(name)).slice(0, ID_BYTES);
  return interpretAsDocumentId(id as BinaryDocumentId);
}
