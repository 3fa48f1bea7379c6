/** What clients of LangSmith and Langfuse send in their own protocols, recorded, and its rows. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { differences, type Place, type Tables } from '../support/expected-rows.ts';
import { onEachStack, type TestStack } from '../support/stack.ts';

const FOLDER = new URL('../cases/protocols/', import.meta.url);

interface Recorded {
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body_file: string;
  }[];
  readonly runs: readonly { id: string; trace: string; name: string; start: string }[];
  readonly ids?: readonly string[] | null;
  readonly sessions?: readonly string[];
}

/** What the clients do not send, or the tables cannot tell from it. */
const UNKNOWN: Readonly<Record<string, readonly string[]>> = {
  // An update does not say when the generation began.
  '22-langfuse2-py-by-hand': ['completions rewrite-query 0: time_to_first_token_ms'],
  // An update does not say that the run is a tool.
  '17-langsmith-py-0-3-by-hand': ['tool get_weather: status', 'tool get_weather: error'],
};

const CODINGS: Readonly<Record<string, [(body: Buffer) => Buffer, (body: Buffer) => Buffer]>> = {
  gzip: [gunzipSync, gzipSync],
  zstd: [zstdDecompressSync, zstdCompressSync],
};

/** A replay under ids of its own: the last digits of each id are replaced, which keeps its length. */
function renamed(recorded: Recorded, digits: string): (text: string) => string {
  const ids = recorded.runs.flatMap(({ id, trace }) => [id, trace]);
  const all = new Set([...ids, ...(recorded.ids ?? []), ...(recorded.sessions ?? [])]);
  return (text) => {
    let result = text;
    for (const id of all) result = result.replaceAll(id, id.slice(0, -digits.length) + digits);
    return result;
  };
}

async function replay(stack: TestStack, name: string, digits: string, isReversed: boolean) {
  const folder = new URL(`${name}/`, FOLDER);
  const recorded: Recorded = JSON.parse(readFileSync(new URL('protocol.json', folder), 'utf8'));
  const rename = renamed(recorded, digits);
  const requests = isReversed ? recorded.requests.toReversed() : recorded.requests;
  for (const { method, path, headers, body_file } of requests) {
    const [open, pack] = CODINGS[headers['content-encoding'] ?? ''] ?? [
      (body: Buffer) => body,
      (body: Buffer) => body,
    ];
    const text = open(readFileSync(new URL(body_file, folder))).toString('latin1');
    const { 'transfer-encoding': _, ...sent } = headers;
    const response = await fetch(stack.endpoint + rename(path), {
      method,
      headers: {
        ...sent,
        ...(sent['x-api-key'] ? { 'x-api-key': stack.token } : {}),
        ...(sent.authorization ? { authorization: `Basic ${btoa(`public:${stack.token}`)}` } : {}),
      },
      body: pack(Buffer.from(rename(text), 'latin1')),
    });
    expect(response.status).toBeLessThan(300);
    expect(JSON.parse(await response.text())).not.toMatchObject({ rejected_count: 1 });
  }
  const spans = new Map<string, Place>();
  for (const { id, trace, name: run } of [...recorded.runs].sort((a, b) =>
    a.start < b.start ? -1 : 1,
  )) {
    let nth = 1;
    while (spans.has(nth === 1 ? run : `${run}#${nth}`)) nth += 1;
    spans.set(nth === 1 ? run : `${run}#${nth}`, { trace: rename(trace), id: rename(id) });
  }
  const expected: Tables = JSON.parse(
    rename(readFileSync(new URL('expected.json', folder), 'utf8')),
  );
  const traces = new Set([...spans.values()].map(({ trace }) => trace));
  const ofTraces = async (table: 'traces' | 'spans' | 'prompts' | 'completions' | 'tools') =>
    (
      await Promise.all(
        [...traces].map((id) =>
          stack.rows(table, { [table === 'traces' ? 'id' : 'trace_id']: id }),
        ),
      )
    ).flat();
  const [found, ofSpans, prompts, completions, tools] = await Promise.all([
    ofTraces('traces'),
    ofTraces('spans'),
    ofTraces('prompts'),
    ofTraces('completions'),
    ofTraces('tools'),
  ]);
  const stored = { traces: found, spans: ofSpans, prompts, completions, tools };
  return differences(expected, stored, spans);
}

onEachStack('runs and observations in the protocols of their products', (stack) => {
  it.each(readdirSync(FOLDER))('%s: each row, in order and in reverse', async (name) => {
    const unknown = [...(UNKNOWN[name] ?? [])];
    expect(await replay(stack(), name, 'aaaa', false)).toEqual(unknown);
    expect(await replay(stack(), name, 'bbbb', true)).toEqual(unknown);
  });
});
