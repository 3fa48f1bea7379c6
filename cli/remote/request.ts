/** One HTTP request. A server that cannot be reached is a {@link CliError} with a hint. */
import { CliError } from '../shell/errors.ts';

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
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

/** @throws CliError when no response arrives */
export async function request(url: URL, options: RequestOptions = {}): Promise<HttpResponse> {
  const { method = 'GET', headers = {}, body, timeoutMillis = TIMEOUT_MILLIS } = options;
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(timeoutMillis),
      // A redirect would send the token to a host that the user did not name.
      redirect: 'manual',
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parseJson(text) };
  } catch (error) {
    const [message, hint] = diagnose(url, error, timeoutMillis);
    throw new CliError(message, { code: 'AGENSIGHT_CLI_UNREACHABLE', hint, cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Message and hint for a failed `fetch`. */
function diagnose(url: URL, error: unknown, timeoutMillis: number): [string, string] {
  const at = url.origin;
  const { code, message } = innermost(error);
  switch (code) {
    case 'ECONNREFUSED':
      return [`nothing listens at ${at}`, 'Start the server, or correct the URL and its port.'];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`the host ${url.hostname} does not exist`, 'Correct the URL, or check DNS.'];
    case 'CERT_HAS_EXPIRED':
      return [`the certificate of ${at} has expired`, 'Renew it, or correct the local clock.'];
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return [`the certificate of ${at} is for another host`, 'Use the name in the certificate.'];
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return [
        `the certificate of ${at} is signed by an unknown authority (${code})`,
        'Trust the authority with NODE_EXTRA_CA_CERTS=ca.pem, or with Node --use-system-ca.',
      ];
    case 'TimeoutError':
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return [
        `${at} did not answer within ${timeoutMillis / 1000} s`,
        'Check the firewall, the proxy and the server.',
      ];
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
      return [`${at} closed the connection`, closedHint(url)];
    default:
      if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
        return [`${at} does not speak TLS (${code})`, 'Use http://, or enable TLS on the server.'];
      }
      return [`cannot reach ${at}: ${message}`, 'Check the URL and the network.'];
  }
}

const closedHint = (url: URL): string =>
  url.protocol === 'http:'
    ? 'Use https:// if it speaks TLS; otherwise check the server.'
    : 'Check the server and its reverse proxy.';

/** `fetch` reports "fetch failed"; the cause has the reason, of several addresses the last. */
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
