/** The cost of each hostile body: status, stored spans, time, and peak memory of the handler's process. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openDemoProject } from '../local/demo-project.ts';
import { mintKeys, startSurface } from '../local/surface.ts';

interface HostileCase {
  file: string;
  headers: Record<string, string>;
  status: string;
}

const FOLDER = new URL('../tests/cases/hostile/', import.meta.url);
const HANDLER = fileURLToPath(new URL('./handler-process.ts', import.meta.url));

export async function benchHostile(): Promise<void> {
  const cases: HostileCase[] = JSON.parse(readFileSync(new URL('cases.json', FOLDER), 'utf8'));
  const surface = await startSurface({
    databaseUrl: null,
    dataFolder: null,
    port: 0,
    keys: mintKeys(),
  });
  const { token, id: project } = await openDemoProject(surface, undefined);
  const child = fork(HANDLER, [surface.url, surface.keys.secret]);
  const [url] = await once(child, 'message');
  const peak = async (): Promise<number> => {
    const answer = once(child, 'message');
    child.send('peak');
    return (await answer)[0];
  };
  const spans = async () => {
    const [row] = await surface.query<{ count: number }>(
      'select count(*)::int as count from agensight.spans where project_id = $1',
      [project],
    );
    return row?.count ?? 0;
  };

  console.log('\n### Hostile bodies\n');
  console.log('| case | status | expected | spans stored | ms | peak memory, MB |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const { file, headers, status } of cases) {
    const before = await spans();
    await peak();
    const start = performance.now();
    const response = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}` },
      body: readFileSync(new URL(file, FOLDER)),
    });
    await response.arrayBuffer();
    const millis = performance.now() - start;
    const megabytes = (await peak()) / 1e6;
    const stored = (await spans()) - before;
    console.log(
      `| ${file} | ${response.status} | ${status} | ${stored} | ${millis.toFixed(0)} | ${megabytes.toFixed(0)} |`,
    );
  }
  child.kill('SIGKILL');
  await surface.close();
}
