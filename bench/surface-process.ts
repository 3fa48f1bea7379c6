/** The Supabase API in a separate process, as PostgREST is; the benchmark calls it over HTTP. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type ApiKeys, mintKeys, startSurface } from '../local/surface.ts';

const SELF = fileURLToPath(import.meta.url);

export interface RemoteSurface {
  url: string;
  keys: ApiKeys;
  close(): void;
}

export async function startSurfaceProcess(databaseUrl: string): Promise<RemoteSurface> {
  const keys = mintKeys();
  const child = fork(SELF, [databaseUrl, keys.publishable, keys.secret], { stdio: 'inherit' });
  const [url] = await once(child, 'message');
  return { url: String(url), keys, close: () => child.kill('SIGKILL') };
}

if (process.argv[1] === SELF) {
  const [databaseUrl = '', publishable = '', secret = ''] = process.argv.slice(2);
  const surface = await startSurface({
    databaseUrl,
    dataFolder: null,
    port: 0,
    keys: { publishable, secret },
  });
  process.send?.(surface.url);
}
