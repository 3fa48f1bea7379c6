/**
 * The process of one run: `child.ts FILE NAME off|on LOADER OUTCOME`. It watches errors and handles none, so the
 * process ends as that of the program would.
 */
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type * as Agensight from '../../sdk/index.ts';
import { errorOf, plain } from './plain.ts';
import type { Host, HostSdk, Program, Seen } from './program.ts';
import { type Provider, startProvider } from './provider/server.ts';

const [file = '', name = '', mode = '', loader = '', outcomeFile = ''] = process.argv.slice(2);
const isRecorded = mode === 'on';
const SETTLE_MILLIS = 50;
const POLL_MILLIS = 10;
const QUIET_MILLIS = 300;
const FLUSH_MILLIS = 30_000;
const HELD_MILLIS = 4_000;

const uncaught: string[] = [];
const warnings: string[] = [];
const seen: { -readonly [Key in keyof Seen]: Seen[Key] } = {
  result: null,
  thrown: null,
  uncaught,
  warnings,
  isFinished: false,
  isHeld: false,
};
const notes: { warnings: string[]; report: unknown } = { warnings: [], report: null };

process.on('uncaughtExceptionMonitor', (error, origin) => {
  uncaught.push(`${origin}: ${JSON.stringify(errorOf(error))}`);
});
process.on('warning', (warning) => warnings.push(warning.name));
process.on('exit', () => writeFileSync(outcomeFile, JSON.stringify({ seen: plain(seen), notes })));

const { programs } = (await import(pathToFileURL(file).href)) as { programs: Program[] };
const program = programs.find((one) => one.name === name);
if (!program) throw new Error(`${file} has no program "${name}"`);
const { load } = (await import(loader)) as Pick<Host, 'load'>;
for (const specifier of program.packages ?? []) await load(specifier);

/** The built package, by its own name. */
const PACKAGE = 'agensight';
const sdk = isRecorded ? ((await import(PACKAGE)) as typeof Agensight) : undefined;
sdk?.init({
  name: 'host',
  mode: 'dev',
  onWarning: ({ code, message }) => notes.warnings.push(`${code}: ${message}`),
  ...program.init,
});

const providers: Provider[] = [];
const host: Host = {
  load,
  isRecorded,
  agensight: sdk ? (sdk as unknown as HostSdk) : unchanged(),
  provider: async (route) => {
    const provider = await startProvider(route);
    providers.push(provider);
    return provider;
  },
  attempt: async (work) => {
    try {
      return await work();
    } catch (error) {
      return errorOf(error);
    }
  },
  pause: (millis) => pause(millis),
  quiet: async () => {
    const isBusy = () =>
      providers.every(({ asked }) => asked.length === 0) || providers.some(({ open }) => open > 0);
    while (isBusy()) await pause(POLL_MILLIS);
    await pause(QUIET_MILLIS);
    if (isBusy()) await host.quiet();
  },
};

try {
  seen.result = await program.run(host);
} catch (error) {
  seen.thrown = errorOf(error);
}
await pause(SETTLE_MILLIS);
for (const provider of providers) provider.close();
if (sdk) {
  notes.report = await sdk.flush({ timeoutMillis: FLUSH_MILLIS });
  await readRows();
}
seen.isFinished = true;
// From here on the process should end by itself.
setTimeout(() => {
  seen.isHeld = true;
  process.exit();
}, HELD_MILLIS).unref();

/** Has the rows read now: a server would go on from here, so what its end brings does not count. */
function readRows(): Promise<void> {
  return new Promise((resolve, reject) => {
    request(process.env.TEST_FLUSHED ?? '', { agent: false }, (response) => {
      response.resume().on('end', () => resolve());
    })
      .on('error', reject)
      .end();
  });
}

/** The functions of the SDK, for a program without it. */
function unchanged(): HostSdk {
  const wrap = (first: unknown, second?: unknown) =>
    typeof first === 'function' ? first : (second ?? ((fn: unknown) => fn));
  const stand = {
    span: wrap,
    trace: wrap,
    bind: (fn: unknown) => fn,
    serverless: (handler: unknown) => handler,
    instrument: (client: unknown) => client,
    withSession: (_: unknown, fn: () => unknown) => fn(),
    extract: (_: unknown, fn: () => unknown) => fn(),
    inject: (carrier: unknown) => carrier,
    currentTrace: () => undefined,
  };
  return stand as unknown as HostSdk;
}
