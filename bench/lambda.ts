/** Processor time of the ingest handler for a warm invocation, without Postgres. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { HttpError } from '../lambda/http/http-error.ts';
import { createHandler } from '../lambda/ingest.ts';
import { decodeOtlpProtobuf } from '../lambda/otlp/traces-protobuf.ts';
import type { Store } from '../lambda/store/store.ts';
import { validateBatch } from '../lambda/validation/batch.ts';
import { Rejections } from '../lambda/validation/rejections.ts';
import { toEvent } from '../local/function-url.ts';
import { listen } from '../local/listen.ts';
import { toRecords } from '../wire/genai/index.ts';
import { emptyLists } from '../wire/records.ts';
import { DEFAULT_MASKING, type Masking } from '../wire/redaction/redact-text.ts';
import { type Figure, median, printFigures } from './measure.ts';
import { SpanSource } from './spans.ts';

const SPANS = 100;
const ROUNDS = 400;
const CAPTURE = new URL(
  '../tests/cases/captures/otel-semconv-attrs-json/request.bin',
  import.meta.url,
);
const TOKEN = `agn_${'0'.repeat(64)}`;

export async function benchLambda(): Promise<void> {
  const json = await exported((options) => new JsonExporter(options));
  const protobuf = await exported((options) => new ProtobufExporter(options));
  const native = Buffer.from(JSON.stringify(new SpanSource().batch(SPANS)));
  const handlerOf = (masking: Masking) =>
    createHandler({
      store: acceptingStore(masking),
      now: Date.now,
      log: { debug: () => {}, warn: () => {}, error: () => {} },
      metrics: { record: () => {} },
      version: 'bench',
    });
  const masked = handlerOf(DEFAULT_MASKING);
  const unmasked = handlerOf({ secrets: false, personal: [] });
  const invoking = (path: string, type: string, body: Buffer, handler = masked) => {
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      'content-type': type,
      'content-encoding': 'gzip',
    };
    const event = toEvent('POST', new URL(`http://local${path}`), headers, gzipSync(body));
    return async () => {
      const { statusCode } = await handler(event);
      if (statusCode !== 200) throw new Error(`The handler answered ${statusCode}.`);
    };
  };
  const millis = await cpuMillis({
    protobuf: invoking('/v1/traces', 'application/x-protobuf', protobuf),
    normalising: normalising(protobuf),
    json: invoking('/v1/traces', 'application/json', json),
    native: invoking('/v1/batch', 'application/json', native),
    protobufAsIs: invoking('/v1/traces', 'application/x-protobuf', protobuf, unmasked),
    nativeAsIs: invoking('/v1/batch', 'application/json', native, unmasked),
    parse: async () => JSON.parse(json.toString()),
    parseNative: async () => JSON.parse(native.toString()),
  });
  const figure = (what: string, ours: number, floor: number): Figure => ({
    figure: what,
    ours: `${ours.toFixed(1)} ms`,
    ratio: `${(ours / floor).toFixed(1)} × JSON.parse of it`,
    target: '≤ 4 ms',
  });
  const size = (body: Buffer) => `gzip, ${Math.round(body.length / 1000)} kB`;
  const { parse, parseNative } = millis;
  printFigures('Ingest function, processor time per warm invocation', [
    figure(`${SPANS} spans as OTLP protobuf, ${size(protobuf)}`, millis.protobuf, parse),
    figure('the same, only normalising, validating and encoding', millis.normalising, parse),
    figure(`${SPANS} spans as OTLP JSON, ${size(json)}`, millis.json, parse),
    figure(`${SPANS} spans as native batch, ${size(native)}`, millis.native, parseNative),
    figure('OTLP protobuf, by a project that masks nothing', millis.protobufAsIs, parse),
    figure('native batch, by a project that masks nothing', millis.nativeAsIs, parseNative),
  ]);
}

/** An invocation without decompressing and decoding. */
function normalising(body: Buffer): () => Promise<void> {
  const spans = decodeOtlpProtobuf(body, new Rejections());
  if (spans instanceof HttpError) throw new Error(spans.message);
  return async () => {
    const sent = { batch_id: randomUUID(), ...toRecords(spans) };
    const batch = validateBatch(sent, Number.POSITIVE_INFINITY, new Rejections());
    if (JSON.stringify({ token_hash: '', batch }).length < SPANS) throw new Error('Nothing.');
  };
}

/**
 * Median over rounds of user and system time, including garbage collection. The works alternate, so that
 * other load on the machine affects them equally; the first half of the rounds only warms up the compiler.
 */
async function cpuMillis<Name extends string>(
  works: Record<Name, () => Promise<unknown>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[];
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = -ROUNDS; round < ROUNDS; round++) {
    for (const name of names) {
      const before = process.cpuUsage();
      await works[name]();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) times.get(name)?.push((user + system) / 1000);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<
    Name,
    number
  >;
}

/** The body that an exporter sends for spans with the attributes of captured LLM calls. */
async function exported(create: (options: { url: string }) => SpanExporter): Promise<Buffer> {
  const bodies: Buffer[] = [];
  const server = await listen(
    (request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk));
      request.on('end', () => response.end());
    },
    0,
    '',
  );
  const exporter = create({ url: `${server.url}/v1/traces` });
  const processor = new BatchSpanProcessor({ exporter, maxExportBatchSize: SPANS });
  const provider = new TracerProvider({ spanProcessors: [processor] });
  const tracer = provider.getTracer('bench');
  const calls = capturedCalls();
  for (let i = 0; i < SPANS; i++) {
    const { name, attributes } = calls[i % calls.length] as (typeof calls)[0];
    tracer.startSpan(name, { attributes: saidAnew(attributes, i) }).end();
  }
  await provider.shutdown();
  await server.close();
  return Buffer.concat(bodies);
}

/** Makes the messages of each call different; an agent repeats only its instructions. */
function saidAnew(
  attributes: Record<string, string | number>,
  call: number,
): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === 'string' && key.endsWith('.messages')
        ? value.replaceAll('"content":"', `"content":"(${call}) `)
        : value,
    ]),
  );
}

interface CapturedSpan {
  name: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

function capturedCalls(): { name: string; attributes: Record<string, string | number> }[] {
  const { resourceSpans } = JSON.parse(readFileSync(CAPTURE, 'utf8'));
  const spans: CapturedSpan[] = resourceSpans
    .flatMap(({ scopeSpans }: { scopeSpans: { spans: CapturedSpan[] }[] }) => scopeSpans)
    .flatMap(({ spans }: { spans: CapturedSpan[] }) => spans);
  return spans
    .filter(({ attributes }) => attributes.some(({ key }) => key === 'gen_ai.output.messages'))
    .map(({ name, attributes }) => ({
      name,
      attributes: Object.fromEntries(
        attributes.flatMap(({ key, value }): [string, string | number][] => {
          const number = value.intValue ?? value.doubleValue;
          if (number !== undefined) return [[key, Number(number)]];
          return typeof value.stringValue === 'string' ? [[key, value.stringValue]] : [];
        }),
      ),
    }));
}

/** Accepts the token, and every batch once it is serialized to the text that would be sent to Postgres. */
function acceptingStore(masking: Masking): Store {
  const token = { project_id: '', token_id: '', scopes: ['ingest'], expires_at: null, masking };
  return {
    authenticate: async () => ({ status: 'known', token }),
    ingest: async (token_hash, batch) => {
      if (JSON.stringify({ token_hash, batch }).length < SPANS) throw new Error('An empty batch.');
      return {
        status: 'stored',
        repeated: false,
        stored: Object.fromEntries(
          Object.keys(emptyLists()).map((table) => [table, batch[table as 'spans']?.length ?? 0]),
        ),
      };
    },
    schemaVersion: async () => ({ status: 'known', version: 1 }),
  } as Partial<Store> as Store;
}
