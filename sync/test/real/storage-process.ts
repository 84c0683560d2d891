/** The real storage server as a process, and a relay that tells of it. */
import { RelayProcess } from './relay-process.ts';
import { type Place, ServerProcess, type Settings, newPlace } from './server-process.ts';

const SECRET = 'a secret that both servers share, for tests';

export class StorageProcess extends ServerProcess {
  static async create(settings: Settings = {}): Promise<StorageProcess> {
    const place = await newPlace('storage');
    const storage = new StorageProcess('storage-server', {
      ...place,
      settings: { ...usual(place), ...settings },
    });
    await storage.start();
    return storage;
  }

  /** What a relay is to be told of it. */
  get forRelay(): Settings {
    return { SECURECHAT_STORAGE_TOKEN_SECRET: SECRET, SECURECHAT_STORAGE_URL: this.url };
  }
}

export interface Servers {
  readonly relay: RelayProcess;
  readonly storage: StorageProcess;
}

/** Both servers, knowing of each other. */
export async function startServers(settings: Settings = {}, ofRelay: Settings = {}): Promise<Servers> {
  const storage = await StorageProcess.create(settings);
  const relay = await RelayProcess.create({ ...ofRelay, ...storage.forRelay });
  return { relay, storage };
}

function usual({ port, folder }: Place): Settings {
  return {
    SECURECHAT_STORAGE_HOST: '127.0.0.1',
    SECURECHAT_STORAGE_PORT: String(port),
    SECURECHAT_STORAGE_DATA: folder,
    SECURECHAT_STORAGE_TOKEN_SECRET: SECRET,
    SECURECHAT_STORAGE_SPARE_MIB: '0',
  };
}
