/** Checks that `npm start` keeps its promises, with the real servers, free ports and a data folder of its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './command.mjs';
import { freePort } from './ports.mjs';
import { printTally } from './tally.mjs';

const PATIENCE_MS = 180_000;

/** Starts `npm start`'s script; resolves with its output when it said a URL or ended. */
async function start(env) {
  const child = spawn(process.execPath, [path.join(root, 'scripts/start.mjs')], { env: { ...process.env, ...env } });
  let output = '';
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const spoke = new Promise((resolve) => {
    const keep = (chunk) => {
      output += chunk;
      if (/http:\/\/\S+/.test(output)) resolve();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
  });
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await Promise.race([spoke, ended]);
  clearTimeout(late);
  return { child, ended, output: () => output, url: /http:\/\/\S+/.exec(output)?.[0] };
}

async function settings() {
  const data = await mkdtemp(path.join(tmpdir(), 'securechat-start-'));
  const env = { SECURECHAT_DATA: data, SECURECHAT_PORT: await freePort(), SECURECHAT_STORAGE_PORT: await freePort() };
  return { data, env, clean: () => rm(data, { recursive: true, force: true }) };
}

async function childrenOf(pid) {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').map(Number);
}

const promises = {
  'ends with a URL that serves the app, and stops cleanly when asked': async () => {
    const { env, clean } = await settings();
    const run = await start(env);
    expect(run.url !== undefined, `it said: ${run.output()}`);
    const page = await (await fetch(run.url)).text();
    const health = await fetch(`http://127.0.0.1:${env.SECURECHAT_STORAGE_PORT}/healthz`);
    run.child.kill('SIGTERM');
    const code = await run.ended;
    await clean();
    expect(page.includes('<html'), `the page was: ${page.slice(0, 200)}`);
    expect(health.status === 200, `the storage server answered ${health.status}`);
    expect(code === 0, `the exit code was ${code}: ${run.output()}`);
  },
  'says which port is taken, and what to do': async () => {
    const { env, clean } = await settings();
    const first = await start(env);
    const second = await start(env);
    const code = await second.ended;
    first.child.kill('SIGINT');
    await first.ended;
    await clean();
    expect(code === 1 && /is taken.*SECURECHAT_PORT=/.test(second.output()), `it said: ${second.output()}`);
  },
  'ends with an error when one of its servers dies': async () => {
    const { env, clean } = await settings();
    const run = await start(env);
    const [first] = await childrenOf(run.child.pid);
    process.kill(first, 'SIGKILL');
    const code = await run.ended;
    await clean();
    expect(code === 1 && /failed: it ended with SIGKILL/.test(run.output()), `code ${code}, it said: ${run.output()}`);
  },
};

function expect(truth, otherwise) {
  if (!truth) throw new Error(otherwise);
}

const tally = { passed: 0, failed: 0 };
for (const [name, check] of Object.entries(promises)) {
  try {
    await check();
    tally.passed++;
    console.log(`ok     ${name}`);
  } catch (error) {
    tally.failed++;
    console.log(`FAILED ${name}\n${error.stack}`);
  }
}
console.log(printTally(tally));
process.exitCode = tally.failed > 0 ? 1 : 0;
