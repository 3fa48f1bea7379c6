/** The options of `init`, as the host program passes them. */

import type { PersonalKind } from '../../wire/redaction/personal.ts';
import type { Mask } from '../redaction/mask.ts';
import type { LogLevel, OnWarning } from '../report/warnings.ts';
import type { ProviderPackage } from './provider-packages.ts';
import type { Session } from './session.ts';

/**
 * Where records go: `local` writes a SQLite file; `dev` and `prod` send to the ingest endpoint.
 *
 * @example
 * init({ mode: 'local', localFile: 'traces.db' });
 */
export type Mode = 'local' | 'dev' | 'prod';

/**
 * Keeps a serverless platform running until a promise settles, such as `waitUntil` of
 * `@vercel/functions` or of `cloudflare:workers`, or `after` of `next/server`.
 *
 * @param promise Settles when the records are delivered; never rejects.
 * @example
 * init({ waitUntil: (promise) => context.waitUntil(promise) });
 */
export type WaitUntil = (promise: Promise<unknown>) => unknown;

/**
 * Options of {@link init}. An option that is left out is read from its environment variable, or else
 * has its default value. Texts have 1 to 1,024 characters unless stated otherwise.
 *
 * @example
 * init({ name: 'chat-service', mode: 'prod', token: process.env.AGENSIGHT_TOKEN, sampleRate: 0.1 });
 */
export interface InitOptions {
  /**
   * Name of the application, stored as `traces.service_name`. Environment: `AGENSIGHT_NAME`.
   * @defaultValue `OTEL_SERVICE_NAME`, or else `'app'`
   */
  name?: string | undefined;
  /**
   * Where records go. Environment: `AGENSIGHT_MODE`.
   * @defaultValue `'dev'` with a token, `'local'` without
   */
  mode?: Mode | undefined;
  /**
   * Ingest token of the project. Required in the modes `dev` and `prod`. Environment:
   * `AGENSIGHT_TOKEN`.
   */
  token?: string | undefined;
  /**
   * `http:` or `https:` URL of the ingest endpoint. Environment: `AGENSIGHT_ENDPOINT`.
   * @defaultValue `'http://127.0.0.1:4318'`
   */
  endpoint?: string | undefined;
  /**
   * Session of each trace that sets none. Environment: `AGENSIGHT_SESSION` (an id).
   * @defaultValue none
   */
  session?: Session | undefined;
  /**
   * User of each trace that sets none. Environment: `AGENSIGHT_USER_ID`.
   * @defaultValue the user of the session
   */
  userId?: string | undefined;
  /** Alias of `userId`. */
  user_id?: string | undefined;
  /**
   * Up to 64 tags of every trace. Environment: `AGENSIGHT_TAGS` (comma-separated).
   * @defaultValue none
   */
  tags?: readonly string[] | undefined;
  /**
   * Version of the application. Environment: `AGENSIGHT_RELEASE`.
   * @defaultValue none
   */
  release?: string | undefined;
  /**
   * Deployment environment, such as `staging`. Stored in the metadata of each trace under
   * OpenTelemetry's key `deployment.environment.name`. Environment: `AGENSIGHT_ENVIRONMENT`.
   * @defaultValue none
   * @see https://opentelemetry.io/docs/specs/semconv/resource/deployment-environment/
   */
  environment?: string | undefined;
  /**
   * Metadata of every trace, such as a region.
   * @defaultValue none
   */
  metadata?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Whether content is recorded: arguments, results, messages, contents of tool calls and messages of
   * errors. When false, only structure, times, tokens, models and values set explicitly (attributes,
   * tags, metadata) are recorded. Environment: `AGENSIGHT_CAPTURE_CONTENT`.
   * @defaultValue `true`
   */
  captureContent?: boolean | undefined;
  /**
   * Changes or removes values before they are sent or stored. See {@link Mask}.
   * @defaultValue none
   */
  mask?: Mask | undefined;
  /**
   * Whether secrets are redacted before records are sent or stored: API keys, credentials in headers,
   * cookies, JSON Web Tokens, private keys, passwords in URLs, and values under keys such as `password`.
   * `docs/masking.md` lists all forms. Environment: `AGENSIGHT_MASK_SECRETS`.
   * @defaultValue `true`
   */
  maskSecrets?: boolean | undefined;
  /**
   * Personal data that is redacted like secrets: payment cards (with a valid check digit, and no word
   * such as `order` before them), IBANs (with valid check digits), e-mail addresses, phone numbers,
   * and social security numbers of the United States. `true` for all, `false` for none. Environment:
   * `AGENSIGHT_MASK_PERSONAL`, separated by commas.
   * @defaultValue `['card', 'iban']`; none if `maskSecrets` is false
   * @example
   * init({ maskPersonal: ['card', 'iban', 'email', 'phone'] });
   */
  maskPersonal?: boolean | readonly PersonalKind[] | undefined;
  /**
   * Share of traces that are recorded, from 0 to 1. The decision depends on the trace id alone, so all
   * services make the same one. A trace continued from another process follows the sampled flag of its
   * `traceparent`. Environment: `AGENSIGHT_SAMPLE_RATE`.
   * @defaultValue `1`
   * @see https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
   */
  sampleRate?: number | undefined;
  /**
   * Whether anything is recorded. When false, wrapped functions run without a span. Environment:
   * `AGENSIGHT_ENABLED`.
   * @defaultValue `true`
   */
  enabled?: boolean | undefined;
  /**
   * Memory for waiting records, in bytes; further records are dropped (`queue-full`). At least 65,536.
   * Environment: `AGENSIGHT_MAX_QUEUE_BYTES`.
   * @defaultValue `67_108_864` (64 MiB)
   */
  maxQueueBytes?: number | undefined;
  /**
   * Size of one request before compression, in bytes. 1,024 to 5,242,880. Environment:
   * `AGENSIGHT_MAX_BATCH_BYTES`.
   * @defaultValue `1_000_000`
   */
  maxBatchBytes?: number | undefined;
  /**
   * Longest time that records wait before they are sent, in milliseconds. 0 to 3,600,000. Environment:
   * `AGENSIGHT_FLUSH_INTERVAL_MILLIS`.
   * @defaultValue `1_000`
   */
  flushIntervalMillis?: number | undefined;
  /**
   * Timeout of one request, in milliseconds. 1 to 600,000. Environment:
   * `AGENSIGHT_REQUEST_TIMEOUT_MILLIS`.
   * @defaultValue `10_000`
   */
  requestTimeoutMillis?: number | undefined;
  /**
   * Concurrent requests. 1 to 64. Environment: `AGENSIGHT_MAX_CONCURRENT_REQUESTS`.
   * @defaultValue `4`
   */
  maxConcurrentRequests?: number | undefined;
  /**
   * Longest time that delivery delays the exit of the process, in milliseconds. 0 to 600,000.
   * Environment: `AGENSIGHT_EXIT_TIMEOUT_MILLIS`.
   * @defaultValue `2_000`
   */
  exitTimeoutMillis?: number | undefined;
  /**
   * Writes records to disk first, so that a crash, a kill or an outage of the server loses none; the
   * next start sends what is left. True, false, or the path of the folder. No effect in the mode
   * `local`. Environment: `AGENSIGHT_SPOOL`.
   * @defaultValue `false`; `true` means `'.agensight/spool'`
   */
  spool?: boolean | string | undefined;
  /**
   * Disk space of the spool, in bytes; further records wait in memory. At least 1,048,576.
   * Environment: `AGENSIGHT_MAX_SPOOL_BYTES`.
   * @defaultValue `1_073_741_824` (1 GiB)
   */
  maxSpoolBytes?: number | undefined;
  /**
   * Keeps a serverless platform running until records are delivered. Called once per delivery, in the
   * context in which the trace started. Not needed inside of `serverless`.
   * @defaultValue that of workerd, with its compatibility flag `nodejs_compat`; otherwise none
   */
  waitUntil?: WaitUntil | undefined;
  /**
   * Whether SIGTERM and SIGINT deliver records, for at most `exitTimeoutMillis`, before the signal takes
   * its default effect. In a program with signal listeners of its own, those decide about the exit.
   * Environment: `AGENSIGHT_HANDLE_SIGNALS`.
   * @defaultValue `true`
   */
  handleSignals?: boolean | undefined;
  /**
   * Path of the SQLite file in the mode `local`. Environment: `AGENSIGHT_LOCAL_FILE`.
   * @defaultValue `'.agensight/agensight.db'`
   */
  localFile?: string | undefined;
  /**
   * Whether model calls are recorded without wrapping. True, false, or a list of `openai`,
   * `@anthropic-ai/sdk` and `@google/genai`. On Node, calls of all clients that use `fetch` are recorded
   * from the transport, and a name selects the protocols of that package, from any client; `true`
   * also selects protocols that have no name here. On other runtimes, the packages are patched.
   * Environment: `AGENSIGHT_AUTO_INSTRUMENT` (true, false, or comma-separated names).
   * @defaultValue `true`
   */
  autoInstrument?: boolean | readonly ProviderPackage[] | undefined;
  /**
   * Receives each warning code once per process.
   * @defaultValue a process warning (`process.emitWarning`)
   */
  onWarning?: OnWarning | undefined;
  /**
   * What is reported on standard error: warnings without an `onWarning`, and one line at the exit of a
   * process that ends with undelivered records (`warn`); only that line (`error`); nothing (`silent`).
   * Environment: `AGENSIGHT_LOG`.
   * @defaultValue `'warn'`
   */
  log?: LogLevel | undefined;
}
