import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, Edge } from './edge.ts';

let edge: Edge;

beforeEach(async () => {
  edge = await new Edge().open();
});

afterEach(() => edge.close());

const SDK = join(import.meta.dirname, '../../sdk/index.ts');

/** Runs a program that records some spans and then has nothing left to do. */
async function run(
  body: string,
  endpoint = edge.url,
): Promise<{ code: number | null; millis: number; output: string }> {
  const program = `
    import { init, span, flush } from ${JSON.stringify(SDK)};
    init({ mode: 'dev', token: 't', endpoint: ${JSON.stringify(endpoint)}, exitTimeoutMillis: 500 });
    const work = span('work', (i) => i);
    const bootedAt = performance.now();
    ${body}
    process.on('exit', () => console.log(Math.round(performance.now() - bootedAt)));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, millis: Number(/(\d+)\s*$/.exec(output)?.[1]), output };
}

describe('the end of a process', () => {
  it('loses nothing when the flush was forgotten', async () => {
    const { code } = await run('for (let i = 0; i < 2000; i++) work(i);');
    expect(code).toBe(0);
    expect(edge.records().spans).toHaveLength(2000);
  });

  it('is not held by what was delivered before', async () => {
    const { code, millis } = await run('work(1); await flush();');
    expect(code).toBe(0);
    expect(millis).toBeLessThan(400);
  });

  it.each([
    ['hangs', () => edge.replies.push(() => undefined), undefined],
    ['fails', () => edge.replies.push(...Array.from({ length: 99 }, () => answer(503))), undefined],
    ['is not there', () => 0, 'http://127.0.0.1:9'],
    ['hangs, and a request is under way', () => edge.replies.push(() => undefined), undefined],
  ])(
    'is held no longer than the option says when the server %s',
    async (what, prepare, endpoint) => {
      prepare();
      const early = what.includes('under way')
        ? 'await new Promise((r) => setTimeout(r, 1100));'
        : '';
      const { code, millis } = await run(`work(1); ${early}`, endpoint);
      expect(code).toBe(0);
      expect(millis).toBeLessThan(early ? 2_600 : 1_500);
    },
  );

  it('is quiet', async () => {
    const { output } = await run('work(1);');
    expect(output).toMatch(/^\d+\n$/);
  });
});
