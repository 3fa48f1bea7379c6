/** Plants secrets in every value that a program can set; none may be sent or stored. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flush, init, shutdown } from '../../../sdk/index.ts';
import { isCard } from '../../../wire/redaction/personal.ts';
import { SECRETS } from '../support/planted-secrets.ts';
import { plant, sent } from '../support/planter.ts';

/** The texts that must not be found: of a secret with line breaks or separators, its core. */
function traces(secret: string): string[] {
  const bare = secret.replace(/^(Bearer|Basic) /, '');
  if (secret.includes('PRIVATE KEY')) return ['MIIEvQIBADANBgkq'];
  return [/:\/\/\w+:([^@]+)@/.exec(secret)?.[1] ?? bare];
}

/** All bytes of the files in a folder. */
function stored(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))
    .join('\n');
}

const withoutIds = (json: string): string =>
  JSON.stringify(
    JSON.parse(json, (key, value) =>
      /(^|_)id$/.test(key) && isCard(String(value).replace(/\D/g, '')) ? undefined : value,
    ),
  );

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'agensight-canary-'));

describe.each(Object.entries(SECRETS))('%s in every value', (_, secret) => {
  it('is not sent, and everything else is complete', async () => {
    const bytes = await sent(() => plant(secret));
    // Digits of an id are kept, also when they are a valid card number.
    const text = isCard(secret.replace(/\D/g, '')) ? withoutIds(bytes) : bytes;
    for (const found of traces(secret)) expect(text.includes(found)).toBe(false);
    const { traces: roots, spans, prompts, completions, tools, sessions } = JSON.parse(bytes);
    expect([roots.length, sessions.length, prompts.length, completions.length]).toEqual([
      2, 2, 5, 1,
    ]);
    expect(spans.length).toBeGreaterThanOrEqual(12);
    expect(tools.length).toBeGreaterThanOrEqual(2);
    expect(completions[0]).toMatchObject({ prompt_tokens: 7, total_tokens: 12 });
    // Records with the same id are still joined, and generated ids are unchanged.
    expect(sessions.map(({ id }: { id: string }) => id)).toContain(roots[0].session_id);
    const ids = new Set(spans.map(({ id }: { id: string }) => id));
    for (const one of spans)
      expect(one.parent_id === undefined || ids.has(one.parent_id)).toBe(true);
    for (const one of spans) expect(`${one.trace_id}${one.id}`).toMatch(/^[0-9a-f]{48}$/);
  });
});

describe('a secret', () => {
  const all = async (): Promise<void> => {
    for (const secret of Object.values(SECRETS)) await plant(secret);
  };

  it('is in no file of the mode local', async () => {
    const folder = newFolder();
    init({ mode: 'local', localFile: join(folder, 'a.db') });
    await all();
    await flush();
    const bytes = stored(folder);
    await shutdown();
    expect(bytes).toContain('[redacted: api key]');
    for (const secret of Object.values(SECRETS).filter((one) => !isCard(one.replace(/\D/g, '')))) {
      for (const found of traces(secret)) expect(bytes.includes(found)).toBe(false);
    }
  });

  it('is sent when maskSecrets is false', async () => {
    const secret = SECRETS['OpenAI key'] as string;
    expect(await sent(() => plant(secret), { maskSecrets: false })).toContain(secret);
    expect(await sent(() => plant(secret))).not.toContain(secret);
  });
});

// Last, because it leaves files for a next start, which count as pending.
describe('the spool', () => {
  it('holds no secret', async () => {
    const folder = newFolder();
    init({ mode: 'prod', token: 't', endpoint: 'http://127.0.0.1:9', spool: folder });
    for (const secret of Object.values(SECRETS)) await plant(secret);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const bytes = stored(folder);
    await shutdown({ timeoutMillis: 0 });
    expect(bytes).toContain('[redacted: api key]');
    for (const secret of Object.values(SECRETS).filter((one) => !isCard(one.replace(/\D/g, '')))) {
      for (const found of traces(secret)) expect(bytes.includes(found)).toBe(false);
    }
  });
});
