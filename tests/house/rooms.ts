/**
 * The rooms of the source tree and what each may import. The one home of the walls: `npm run walls`
 * writes the linter's configuration (`biome.walls.json`) and the tables in ARCHITECTURE.md from it, and
 * the tests beside this file hold both, and the real imports, to it.
 */

import { FUNCTION_ROOMS } from './function-rooms.ts';
import {
  BODIES,
  FORMS,
  MASKING,
  NODE,
  OPENTELEMETRY,
  READER,
  type Room,
  SOURCES,
  ZOD,
} from './room.ts';

export const ROOMS: Readonly<Record<string, Room>> = {
  wire: { idea: 'the contract: the six records, limits, routes, error codes', imports: [] },
  'wire/genai': {
    idea: 'the reader: spans and log records of any instrumentation → the six records',
    imports: ['wire'],
    isRoot: true,
  },
  'wire/genai/provider': {
    idea: 'request and response bodies of any provider',
    imports: ['wire'],
  },
  'wire/genai/forms': {
    idea: 'the forms in which producers write values, opened: JSON, Python text, flat keys, events, dumps',
    imports: ['wire', BODIES],
  },
  'wire/genai/sources': {
    idea: 'where each producer puts each value, in order of trust: data, one file for a producer',
    imports: ['wire', BODIES, FORMS],
  },
  'wire/genai/reader': {
    idea: 'one span → what it says',
    imports: ['wire', BODIES, FORMS, SOURCES],
  },
  'wire/genai/rows': {
    idea: 'what spans say → the six records',
    imports: ['wire', BODIES, FORMS, SOURCES, 'wire/genai/reader'],
  },

  'wire/redaction': {
    idea: 'what is a secret or personal, and how a text is freed of it',
    imports: ['wire'],
  },

  sdk: { idea: 'the public surface', imports: ['wire', MASKING], isRoot: true },
  'sdk/platform': {
    idea: 'what any runtime offers: ids, clock, hash, compression, guarded values, shared cells',
    imports: ['wire'],
    libraries: [NODE],
  },
  'sdk/report': {
    idea: 'what the SDK reports to the host: counts and warnings',
    imports: ['wire', 'sdk/platform'],
  },
  'sdk/serialize': {
    idea: 'any value → bounded JSON text',
    imports: ['wire', 'sdk/platform'],
  },
  'sdk/redaction': {
    idea: 'secrets, and the mask of the user',
    imports: ['wire', MASKING, 'sdk/platform', 'sdk/serialize'],
  },
  'sdk/llm': {
    idea: 'which values are requests and replies of models, as they are recorded; streams accumulated',
    imports: ['wire', BODIES, 'sdk/platform', 'sdk/serialize'],
  },
  'sdk/batch': {
    idea: 'batches: building them, in memory and on disk (the spool)',
    imports: ['wire', 'sdk/platform', 'sdk/report'],
    libraries: [NODE],
  },
  'sdk/config': {
    idea: 'the options of the host, decided once',
    imports: ['wire', MASKING, 'sdk/platform', 'sdk/report', 'sdk/serialize', 'sdk/redaction'],
  },
  'sdk/span': {
    idea: 'open spans, their trace, and which one is current',
    imports: [
      'wire',
      MASKING,
      'sdk/platform',
      'sdk/report',
      'sdk/serialize',
      'sdk/llm',
      'sdk/config',
    ],
    libraries: [OPENTELEMETRY],
  },
  'sdk/records': {
    idea: 'an ended span → records as JSON text',
    imports: ['wire', 'sdk/platform', 'sdk/serialize', 'sdk/llm', 'sdk/config', 'sdk/span'],
  },
  'sdk/delivery': {
    idea: 'when and where batches leave: queue, sanitizer, HTTP and SQLite exporters',
    imports: [
      'wire',
      MASKING,
      'sdk/platform',
      'sdk/report',
      'sdk/batch',
      'sdk/redaction',
      'sdk/config',
      'sdk/span',
      'sdk/records',
    ],
    libraries: [NODE],
  },
  'sdk/runtime': {
    idea: 'one configured SDK: opens spans, flushes, ends with the process',
    imports: ['wire', 'sdk/platform', 'sdk/report', 'sdk/config', 'sdk/span', 'sdk/delivery'],
  },
  'sdk/call': {
    idea: 'one call, followed to its real end',
    imports: [
      'wire',
      MASKING,
      'sdk/platform',
      'sdk/report',
      'sdk/serialize',
      'sdk/llm',
      'sdk/redaction',
      'sdk/config',
      'sdk/span',
      'sdk/runtime',
    ],
  },
  'sdk/interop': {
    idea: 'other tracers and processes: the OpenTelemetry API, W3C headers',
    imports: [
      'wire',
      READER,
      MASKING,
      'sdk/platform',
      'sdk/report',
      'sdk/serialize',
      'sdk/redaction',
      'sdk/config',
      'sdk/span',
      'sdk/runtime',
    ],
    libraries: [OPENTELEMETRY],
  },
  'sdk/transport': {
    idea: "model calls, recorded from the HTTP requests that Node's transport announces",
    imports: [
      'wire',
      BODIES,
      'sdk/platform',
      'sdk/report',
      'sdk/serialize',
      'sdk/llm',
      'sdk/config',
      'sdk/span',
      'sdk/runtime',
      'sdk/call',
    ],
  },
  'sdk/instrument': {
    idea: 'which way calls are recorded; clients of providers, patched',
    imports: [
      'wire',
      'sdk/platform',
      'sdk/report',
      'sdk/config',
      'sdk/span',
      'sdk/runtime',
      'sdk/call',
      'sdk/interop',
      'sdk/transport',
    ],
    libraries: [NODE],
  },
  'sdk/wrap': {
    idea: 'a function and its traced twin; decorators',
    imports: ['wire', 'sdk/platform', 'sdk/runtime', 'sdk/call'],
  },

  ...FUNCTION_ROOMS,

  cli: {
    idea: 'the entry point of `agensight`',
    imports: ['wire', 'sdk/platform'],
    libraries: [NODE],
    isRoot: true,
  },
  'cli/shell': {
    idea: 'a command, its options and settings, the terminal',
    imports: ['wire'],
    libraries: [ZOD, NODE],
  },
  'cli/remote': {
    idea: 'everything over the network',
    imports: ['wire', 'cli/shell'],
    libraries: [ZOD, NODE],
  },
  'cli/migrate': {
    idea: 'the migrations of the package → any Postgres',
    imports: ['wire', 'cli/shell'],
    libraries: ['pg', ZOD, NODE],
  },
  'cli/records': {
    idea: 'records as streams, from a file or the cloud and back',
    imports: ['wire', 'sdk/platform', 'sdk/batch', 'cli/shell', 'cli/remote'],
    libraries: [ZOD, NODE],
  },
  'cli/doctor': {
    idea: 'the checks of `doctor`',
    imports: ['wire', 'sdk/platform', 'cli/shell', 'cli/remote', 'cli/records'],
    libraries: [ZOD, NODE],
  },
  'cli/traces': {
    idea: 'traces as `tail` shows them',
    imports: ['wire', 'cli/shell', 'cli/remote', 'cli/records'],
    libraries: [ZOD, NODE],
  },
  'cli/commands': {
    idea: 'one file for each command',
    imports: [
      'wire',
      'sdk/platform',
      'cli/shell',
      'cli/remote',
      'cli/records',
      'cli/migrate',
      'cli/doctor',
      'cli/traces',
    ],
    libraries: [ZOD, NODE],
  },

  local: {
    idea: 'the local stack: the function, the database and the demo on one machine',
    imports: ['wire', 'lambda', 'lambda/runtime', 'lambda/store', 'cli/shell', 'cli/migrate'],
    libraries: [
      '@supabase/supabase-js',
      '@supabase/lite',
      '@supabase/lite/*',
      '@hono/node-server',
      'aws-lambda',
      'pg',
      'pg-copy-streams',
      ZOD,
      NODE,
    ],
  },

  infra: {
    idea: 'the AWS stack; names the bundles of the functions by path',
    imports: ['wire'],
    libraries: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', 'cdk-nag', ZOD, NODE],
  },
};
