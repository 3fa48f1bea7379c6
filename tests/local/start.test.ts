import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv, promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { mintKeys, startSurface } from '../../local/surface.ts';
import { createBareDatabase } from '../support/postgres.ts';

const run = promisify(execFile);
const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../examples/multi-agent-chat.ts', import.meta.url));
const FREE_PORTS = ['--port', '0', '--supabase-port', '0'];
const TABLES = ['sessions', 'traces', 'spans', 'prompts', 'completions', 'tools'];

const folder = () => mkdtemp(join(tmpdir(), 'agensight-start-'));
const newest = inject('postgresServers').at(-1)?.url ?? '';

describe('the local stack as a program', () => {
  it.each([
    ['an embedded database', async () => []],
    ['a Postgres', async () => ['--database-url', await createBareDatabase(newest)]],
  ])('prints the rows of the demo on %s and exits', async (_, extra) => {
    const { stdout } = await run(process.execPath, [
      START,
      '--once',
      ...FREE_PORTS,
      '--folder',
      await folder(),
      ...(await extra()),
    ]);
    expect(stdout).toContain('Final Output: Mock response');
    for (const table of TABLES) expect(stdout).toMatch(new RegExp(`\\n${table}\\n {2}\\S`));
  });

  it('serves until it is interrupted, and other programs connect with local.env', async () => {
    const place = await folder();
    const first = await serve(place);
    const file = join(place, 'local.env');
    const written = parseEnv(await readFile(file, 'utf8'));
    expect(Object.keys(written).sort()).toEqual([
      'AGENSIGHT_ENDPOINT',
      'AGENSIGHT_TOKEN',
      'SUPABASE_PUBLISHABLE_KEY',
      'SUPABASE_SECRET_KEY',
      'SUPABASE_URL',
    ]);
    expect((await stat(file)).mode & 0o077).toBe(0);

    await run(process.execPath, [`--env-file=${file}`, EXAMPLE]);
    const traces = await fetch(`${written.SUPABASE_URL}/rest/v1/traces?select=name`, {
      headers: { apikey: written.SUPABASE_SECRET_KEY ?? '', 'accept-profile': 'agensight' },
    });
    expect(await traces.json()).toEqual([
      { name: 'multi_agent_chat' },
      { name: 'multi_agent_chat' },
    ]);
    expect(await interrupted(first)).toBe(0);

    // A second start keeps the data, the token and the keys.
    const second = await serve(place);
    const again = parseEnv(await readFile(file, 'utf8'));
    expect(again.AGENSIGHT_TOKEN).toBe(written.AGENSIGHT_TOKEN);
    expect(again.SUPABASE_SECRET_KEY).toBe(written.SUPABASE_SECRET_KEY);
    expect(await interrupted(second)).toBe(0);
  });

  it('explains that the embedded database has the migrations of another version', async () => {
    const dataFolder = join(await folder(), 'database');
    const options = { databaseUrl: null, dataFolder, port: 0, keys: mintKeys() };
    const surface = await startSurface(options);
    await surface.query("update agensight_private.migrations set checksum = repeat('0', 64)");
    await surface.close();
    await expect(startSurface(options)).rejects.toThrow(
      `Delete ${dataFolder} to start with an empty database.`,
    );
  });

  it.each(['--port', '--supabase-port'])(
    'reports that the port of %s is in use',
    async (option) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as { port: number };
      const started = run(process.execPath, [
        START,
        '--once',
        ...FREE_PORTS,
        option,
        `${port}`,
        '--folder',
        await folder(),
      ]);
      await expect(started).rejects.toMatchObject({
        code: 1,
        stderr: `Port ${port} is in use by another program. Stop it, or choose another port with ${option}.\n`,
      });
      other.close();
    },
  );
});

async function serve(place: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [START, ...FREE_PORTS, '--folder', place]);
  let output = '';
  await new Promise<void>((ready, failed) => {
    child.once('exit', () => failed(new Error(output)));
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes('Serving until Ctrl-C.')) ready();
    });
  });
  return child;
}

async function interrupted(child: ChildProcess): Promise<number> {
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  return code;
}
