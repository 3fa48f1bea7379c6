/** What the built package asks of its platform: nothing when it is imported, and little after that. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Programs } from '../sdk/support/programs.ts';

let programs: Programs;
beforeAll(() => {
  programs = new Programs([]);
});
afterAll(() => programs?.close());

/** Replaces functions of the platform by others that note their name. */
const TRAPS = `
  const used = [];
  const trap = (holder, name, label) => {
    const original = holder[name];
    holder[name] = new Proxy(original, {
      apply: (target, self, args) => (used.push(label), Reflect.apply(target, self, args)),
      construct: (target, args) => (used.push(label), Reflect.construct(target, args)),
    });
  };
  const traps = {
    globalThis: [globalThis, ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch',
      'AbortController', 'Request', 'Response', 'CompressionStream']],
    Date: [Date, ['now']],
    Math: [Math, ['random']],
    performance: [performance, ['now']],
    crypto: [crypto, ['getRandomValues', 'randomUUID']],
    process: [process, ['on', 'once', 'addListener', 'prependListener', 'nextTick', 'emitWarning', 'cwd']],
    channels: [process.getBuiltinModule('node:diagnostics_channel'), ['subscribe']],
    module: [process.getBuiltinModule('node:module'), ['createRequire', 'registerHooks']],
    fs: [process.getBuiltinModule('node:fs'), ['readFileSync', 'mkdirSync', 'readdirSync', 'statSync']],
    http: [process.getBuiltinModule('node:http'), ['Agent', 'request']],
    console: [console, ['log', 'warn', 'error']],
  };
`;

const SET_TRAPS = `
  for (const [label, [holder, names]] of Object.entries(traps)) {
    for (const name of names) trap(holder, name, label + '.' + name);
  }
`;

describe('importing the package', () => {
  it.each([
    ['ESM', 'traps.mjs', "import 'node:http'; const load = () => import('agensight');"],
    ['CommonJS', 'traps.cjs', "const load = () => require('agensight');"],
  ])('does nothing but define: %s', async (_, name, load) => {
    // Node's own loader of ES modules uses some of these, so it has loaded another module before.
    const text = `${load} ${TRAPS}
      (async () => {
        await import("data:text/javascript,");
        ${SET_TRAPS}
        await import("data:text/javascript,0");
        const loader = new Set(used.splice(0));
        const globals = Reflect.ownKeys(globalThis).filter((key) => typeof key === 'string').join();
        const { length } = process.eventNames();
        await load();
        const found = [...new Set(used)].filter((name) => !loader.has(name) && !name.startsWith('fs.'));
        const after = Reflect.ownKeys(globalThis).filter((key) => typeof key === 'string').join();
        process.stdout.write(JSON.stringify([found, after === globals, process.eventNames().length - length]));
      })();`;
    const { output } = await programs.run(programs.write(name, text));
    expect(JSON.parse(output)).toEqual([[], true, 0]);
  });
});

/** Takes away what some runtimes do not have, or have in name only. */
const LITTLE = `
  // Node's own fetch uses some of this while it loads.
  await (await fetch('data:,')).text();
  const { getBuiltinModule } = process;
  const exit = process.exit.bind(process);
  const { log } = console;
  const env = process.env;
  // Node's own fetch needs the others, such as Buffer and timers that are objects.
  const missing = ['FinalizationRegistry', 'CompressionStream', 'structuredClone'];
  const { FinalizationRegistry: kept } = globalThis;
  for (const name of missing) delete globalThis[name];
  delete AbortSignal.any;
  delete AbortSignal.timeout;
  Object.defineProperty(performance, 'timeOrigin', { value: undefined });
`;

const PROGRAM = `
  const { flush, init, instrument, span, startSpan, trace, tracer, withSession } = await import('agensight');
  // Node's own fetch needs it; the package has looked for it.
  globalThis.FinalizationRegistry = kept;
  const warnings = [];
  init({ mode: 'prod', token: 't', endpoint: env.AGENSIGHT_ENDPOINT, onWarning: ({ code }) => warnings.push(code) });
  const step = span('step', (n) => n);
  const list = span('list', async function* () { yield 1; yield 2; });
  const work = trace('work', async () => {
    let sum = step(1);
    for await (const n of list()) sum += n;
    startSpan('manual').end();
    tracer.startSpan('by the tracer').end();
    return sum;
  });
  const sum = await withSession('s', work);
  const { sent, pending } = await flush();
  log(JSON.stringify({ sum, pending, warnings }));
  exit(0);
`;

const NAMES = ['by the tracer', 'list', 'manual', 'step', 'work'];

describe('on a platform with little', () => {
  it.each([
    ['without process, and without modules of Node', 'delete globalThis.process;'],
    [
      'with a process in name only',
      'globalThis.process = { env: {}, versions: { node: "22", undici: "" }, nextTick: undefined };',
    ],
    [
      'with modules in name only',
      `globalThis.process = { env: {}, versions: {}, getBuiltinModule: (name) =>
        name === 'node:async_hooks' ? getBuiltinModule(name) : undefined };`,
    ],
    [
      'with modules that throw',
      'globalThis.process = { env: {}, getBuiltinModule() { throw new Error("refused"); } };',
    ],
  ])('records and delivers %s', async (_, remove) => {
    const file = programs.write('little.mjs', `${LITTLE}; ${remove}; ${PROGRAM}`);
    const { records, output } = await programs.run(file);
    const { warnings, ...rest } = JSON.parse(output) as { warnings: string[] };
    expect(rest).toEqual({ sum: 4, pending: 0 });
    expect(warnings).toEqual(remove.includes('async_hooks') ? [] : ['context']);
    expect(records.spans.map(({ name }) => name).sort()).toEqual(NAMES);
    for (const { started_at, ended_at } of records.spans) {
      expect(Date.parse(started_at ?? '')).toBeLessThanOrEqual(Date.parse(ended_at ?? ''));
      expect(Math.abs(Date.parse(started_at ?? '') - Date.now())).toBeLessThan(60_000);
    }
  });

  it('makes ids where random bytes are refused', async () => {
    const file = programs.write(
      'random.mjs',
      `import { trace } from 'agensight';
       import { init, flush } from 'agensight';
       crypto.getRandomValues = () => { throw new Error('refused'); };
       init();
       for (let n = 0; n < 100; n++) trace('t', () => n)();
       await flush();`,
    );
    const { records } = await programs.run(file);
    expect(new Set(records.traces.map(({ id }) => id)).size).toBe(100);
    expect(new Set(records.spans.map(({ id }) => id)).size).toBe(100);
  });
});
