/** The real relay as a process. */
import { type Place, ServerProcess, type Settings, newPlace } from './server-process.ts';

export class RelayProcess extends ServerProcess {
  /** `settings`: environment variables beside or instead of the usual ones. */
  static async create(settings: Settings = {}): Promise<RelayProcess> {
    const place = await newPlace('relay');
    const relay = new RelayProcess('relay', { ...place, settings: { ...usual(place), ...settings } });
    await relay.start();
    return relay;
  }
}

function usual({ port, folder }: Place): Settings {
  return {
    SECURECHAT_HOST: '127.0.0.1',
    SECURECHAT_PORT: String(port),
    SECURECHAT_DATA_DIR: folder,
    SECURECHAT_LOG_LEVEL: 'debug',
    SECURECHAT_RATE_LIMITS: 'off',
  };
}
