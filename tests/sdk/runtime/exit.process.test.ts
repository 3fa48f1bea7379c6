import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Edge, reply } from '../support/edge.ts';

let edge: Edge;

beforeEach(async () => {
  edge = await new Edge().open();
});

afterEach(() => edge.close());

const SDK = join(import.meta.dirname, '../../../sdk/index.ts');

/** Runs a program that records some spans and then ends. */
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

describe('the exit of a process', () => {
  it('loses no records without a flush', async () => {
    const { code } = await run('for (let i = 0; i < 2000; i++) work(i);');
    expect(code).toBe(0);
    expect(edge.records().spans).toHaveLength(2000);
  });

  it('is not delayed by records that were delivered', async () => {
    const { code, millis } = await run('work(1); await flush();');
    expect(code).toBe(0);
    // Two seconds is the default of exitTimeoutMillis.
    expect(millis).toBeLessThan(1_500);
  });

  it.each([
    ['hangs', () => edge.replies.push(() => undefined), undefined],
    ['fails', () => edge.replies.push(...Array.from({ length: 99 }, () => reply(503))), undefined],
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

  it('prints nothing', async () => {
    const { output } = await run('work(1);');
    expect(output).toMatch(/^\d+\n$/);
  });
});

describe('a signal', () => {
  /** Runs a program that records and then waits, sends it signals, and returns how it ended. */
  async function signalled(
    body: string,
    signals: readonly NodeJS.Signals[],
  ): Promise<{ code: number | null; signal: string | null; output: string }> {
    const program = `
      import { init, span, trace } from ${JSON.stringify(SDK)};
      init({ mode: 'dev', token: 't', endpoint: ${JSON.stringify(edge.url)} });
      ${body}
      span('work', () => 1)();
      setTimeout(() => {}, 60_000);
      console.log('up');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(child.stdout, 'data');
    for (const signal of signals) {
      child.kill(signal);
      await new Promise((next) => setTimeout(next, 150));
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    return { code: child.exitCode, signal: child.signalCode, output };
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends the process as it would, after delivery and with what is under way',
    async (name) => {
      const body = "trace('under way', () => new Promise(() => {}))();";
      expect(await signalled(body, [name])).toMatchObject({ code: null, signal: name });
      const { spans } = edge.records();
      expect(spans.map(({ name }) => name).sort()).toEqual(['under way', 'work']);
      const open = spans.find(({ name }) => name === 'under way');
      expect(open?.attributes).toEqual({ 'agensight.unfinished': true });
    },
  );

  it('is handled by a program with its own listener', async () => {
    const body = "process.on('SIGTERM', () => { console.log('mine'); process.exit(7); });";
    expect(await signalled(body, ['SIGTERM'])).toEqual({
      code: 7,
      signal: null,
      output: 'up\nmine\n',
    });
  });

  it('still ends a program whose listener defers when it is the only one', async () => {
    const body = `const mine = () => {
      if (process.listenerCount('SIGTERM') === 1) { process.off('SIGTERM', mine); process.kill(process.pid, 'SIGTERM'); }
    };
    process.on('SIGTERM', mine);`;
    expect(await signalled(body, ['SIGTERM'])).toMatchObject({ signal: 'SIGTERM' });
  });

  it('ends the process at once when it is repeated', async () => {
    edge.replies.push(() => undefined);
    const startedAt = performance.now();
    const body =
      "init({ mode: 'dev', token: 't', endpoint: 'http://127.0.0.1:9', exitTimeoutMillis: 60_000 });";
    expect(await signalled(body, ['SIGTERM', 'SIGTERM'])).toMatchObject({ signal: 'SIGTERM' });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  it('has no listener of ours after shutdown, or when the option is false', async () => {
    const { init, shutdown } = await import('../../../sdk/index.ts');
    const before = process.listenerCount('SIGTERM');
    init({ mode: 'dev', token: 't', endpoint: edge.url });
    init({ mode: 'dev', token: 't', endpoint: edge.url });
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    await shutdown();
    expect(process.listenerCount('SIGTERM')).toBe(before);
    expect(process.listenerCount('beforeExit')).toBeLessThan(5);
    init({ mode: 'dev', token: 't', endpoint: edge.url, handleSignals: false });
    expect(process.listenerCount('SIGTERM')).toBe(before);
    await shutdown();
  });
});
