import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const CONFIG = new URL('../../biome.json', import.meta.url);
const PACKAGE = new URL('../../package.json', import.meta.url);
const BIOME = fileURLToPath(new URL('../../node_modules/.bin/biome', import.meta.url));

/** What the linter says of one line of code that stands in the file, under our own settings. */
async function lint(file: string, code: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'agensight-walls-'));
  await copyFile(CONFIG, join(folder, 'biome.json'));
  await copyFile(PACKAGE, join(folder, 'package.json'));
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), code);
  const { stdout, stderr } = spawnSync(BIOME, ['lint', file], { cwd: folder, encoding: 'utf8' });
  return stdout + stderr;
}

describe('walls', () => {
  it.each([
    ['wire/a.ts', '../sdk/index.ts', 'wire imports nothing of ours'],
    ['wire/a.ts', 'zod', 'wire runs everywhere'],
    ['wire/genai/a.ts', '../../lambda/store/store.ts', 'wire imports nothing of ours'],
    ['wire/genai/a.ts', 'node:crypto', 'wire runs everywhere'],
    ['sdk/a.ts', '../lambda/store.ts', 'sdk imports only sdk and wire'],
    ['sdk/a.ts', '../local/stack.ts', 'sdk imports only sdk and wire'],
    ['sdk/a.ts', 'zod/mini', 'The SDK depends on @opentelemetry/api alone'],
    ['sdk/a.ts', '@supabase/supabase-js', 'The SDK depends on @opentelemetry/api alone'],
    ['lambda/a.ts', '../sdk/index.ts', 'lambda imports only lambda and wire'],
    ['infra/a.ts', '../lambda/ingest.ts', 'infra names the lambda'],
  ])('%s may not import %s', async (file, module, message) => {
    expect(await lint(file, `import * as x from '${module}';\nexport const y = x;\n`)).toContain(
      message,
    );
  });

  it.each([
    ['sdk/a.ts', '../wire/protocol.ts'],
    ['lambda/a.ts', '../wire/genai/index.ts'],
    ['wire/genai/a.ts', '../text.ts'],
  ])('%s may import %s', async (file, module) => {
    expect(await lint(file, `import { x } from '${module}';\nexport const y = x;\n`)).not.toContain(
      'noRestrictedImports',
    );
  });

  it('keep the environment to the files that decide settings', async () => {
    const code = 'export const x = process.env.X;\n';
    expect(await lint('sdk/queue.ts', code)).toContain('noProcessEnv');
    expect(await lint('sdk/options.ts', code)).not.toContain('noProcessEnv');
  });
});
