/** A coturn as `deploy/turnserver.conf` sets one up, on a free port of this machine and in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.ts';

const CONFIG = new URL('../../deploy/turnserver.conf', import.meta.url);

/** See the module's header. */
export class TurnServer {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts one with this secret. It answers a moment later: clients ask again, as TURN wants it. */
  static async start(secret: string): Promise<TurnServer> {
    const folder = await mkdtemp(path.join(tmpdir(), 'securechat-turn-'));
    const file = path.join(folder, 'turnserver.conf');
    const port = await freePort();
    const text = await readFile(CONFIG, 'utf8');
    const changed = text
      .replace('REPLACE_BY_THE_SECRET', secret)
      .replace(/^listening-port=.*$/m, `listening-port=${String(port)}\nlistening-ip=127.0.0.1\nrelay-ip=127.0.0.1`);
    await writeFile(file, changed, { mode: 0o600 });
    // Without these two it would write where Debian keeps them.
    const own = ['--pidfile', path.join(folder, 'pid'), '--userdb', path.join(folder, 'db')];
    const child = spawn('turnserver', ['-c', file, ...own], { cwd: folder, stdio: 'ignore' });
    await once(child, 'spawn').catch(async (error: unknown) => {
      await rm(folder, { recursive: true });
      throw new Error('no turnserver: bash scripts/install.sh --with-browser installs it', { cause: error });
    });
    return new TurnServer(port, folder, child);
  }

  /** Ends it and deletes its folder. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exited;
    }
    await rm(this.folder, { recursive: true });
  }
}
