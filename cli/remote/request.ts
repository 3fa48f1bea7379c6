/** One HTTP request; whoever cannot be reached is a {@link Failure}, with what to do about it. */
import { Failure } from '../shell/command.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Default: 15,000. */
  readonly timeoutMillis?: number;
}

const TIMEOUT_MILLIS = 15_000;

/** @throws Failure when there is no answer */
export async function request(url: URL, options: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, timeoutMillis = TIMEOUT_MILLIS } = options;
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(timeoutMillis),
      // Elsewhere, a token would reach somebody whom nobody named.
      redirect: 'manual',
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  } catch (error) {
    throw unreachable(url, error, timeoutMillis);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(url: URL, error: unknown, timeoutMillis: number): Failure {
  const [problem, cure] = diagnose(url, error, timeoutMillis);
  return new Failure(problem, { cure, cause: error });
}

function diagnose(url: URL, error: unknown, timeoutMillis: number): [string, string] {
  const at = url.origin;
  const { code, message } = innermost(error);
  switch (code) {
    case 'ECONNREFUSED':
      return [`nothing listens at ${at}`, 'Start the server, or correct the URL and its port.'];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`there is no host ${url.hostname}`, 'Correct the URL, or look at DNS and network.'];
    case 'CERT_HAS_EXPIRED':
      return [`the certificate of ${at} has expired`, 'Renew it, or correct this clock.'];
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return [`the certificate of ${at} is for another host`, 'Use the name it is made for.'];
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return [
        `the certificate of ${at} is signed by nobody known (${code})`,
        'Give its authority by NODE_EXTRA_CA_CERTS=ca.pem, or Node --use-system-ca.',
      ];
    case 'TimeoutError':
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return [
        `${at} did not answer within ${timeoutMillis / 1000} s`,
        'Look at firewall, proxy and the server.',
      ];
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
      return [`${at} closed the connection`, closedCure(url)];
    default:
      if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
        return [`${at} does not speak TLS (${code})`, 'Use http://, or give the server TLS.'];
      }
      return [`${at} cannot be reached: ${message}`, 'Look at the URL and the network.'];
  }
}

const closedCure = (url: URL): string =>
  url.protocol === 'http:'
    ? 'If it speaks TLS, use https://; otherwise look at the server.'
    : 'Look at the server, or at what stands before it.';

/** `fetch` says "fetch failed"; the reason is below it, of several addresses the last. */
function innermost(error: unknown): { code: string; message: string } {
  let inner = error;
  for (let depth = 0; depth < 5; depth++) {
    const { cause, errors } = inner as { cause?: unknown; errors?: readonly unknown[] };
    const next = cause ?? errors?.at(-1);
    if (next === undefined || next === null) break;
    inner = next;
  }
  const { code, name, message } = inner as { code?: unknown; name?: string; message?: string };
  return {
    code: typeof code === 'string' ? code : (name ?? ''),
    message: message ?? String(inner),
  };
}
