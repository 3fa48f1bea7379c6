/** Turns errors of the driver, of Node and of the server into errors with a code and a remedy. */
import type { CliErrorCode } from '../../wire/errors.ts';
import { CliError } from '../shell/errors.ts';

/** The connection as the driver uses it, also from `?host=`, `?port=` and its defaults. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly database?: string | undefined;
}

type Explanation = readonly [code: CliErrorCode, hint: string];

const UNREACHABLE: Explanation = [
  'AGENSIGHT_CLI_UNREACHABLE',
  'Check host and port, the network, and whether the server accepts connections.',
];
const UNAUTHORIZED: Explanation = [
  'AGENSIGHT_CLI_UNAUTHORIZED',
  'Check user and password; encode special characters of the password in the URL (@ as %40).',
];
const NO_TLS: Explanation = [
  'AGENSIGHT_CLI_REJECTED',
  'The server does not support TLS: use sslmode=prefer or, on a trusted network, sslmode=disable.',
];
const TLS_FAILED: Explanation = [
  'AGENSIGHT_CLI_REJECTED',
  'The TLS handshake failed: check host and port, sslmode and the files of certificates in the database URL.',
];
const UNTRUSTED: Explanation = [
  'AGENSIGHT_CLI_REJECTED',
  "The CA of the server's certificate is unknown: add sslrootcert=FILE with its certificate. Supabase offers it under Database Settings.",
];
const UNKNOWN: Explanation = ['AGENSIGHT_CLI_REJECTED', 'Check the database URL.'];

/** By the code of Node, of OpenSSL, of the driver, or of Postgres (SQLSTATE). */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: UNREACHABLE,
  ECONNRESET: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  EPIPE: UNREACHABLE,
  ENOENT: UNREACHABLE,
  EACCES: UNREACHABLE,
  '53300': UNREACHABLE,
  '57P01': UNREACHABLE,
  '57P03': UNREACHABLE,
  '28P01': UNAUTHORIZED,
  '28000': [
    UNAUTHORIZED[0],
    `${UNAUTHORIZED[1]} If the message says "no encryption", add sslmode=require.`,
  ],
  '3D000': ['AGENSIGHT_CLI_NOT_FOUND', 'Create the database, or correct the URL.'],
  '42501': ['AGENSIGHT_CLI_UNAUTHORIZED', 'Connect as a user with the privilege.'],
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'AGENSIGHT_CLI_REJECTED',
    'The certificate is for another host: connect to a host that it names, or use sslmode=verify-ca with sslrootcert=FILE.',
  ],
  CERT_HAS_EXPIRED: [
    'AGENSIGHT_CLI_REJECTED',
    "Renew the server's certificate, and check the clock of this computer.",
  ],
  CERT_NOT_YET_VALID: [
    'AGENSIGHT_CLI_REJECTED',
    'Check the clock of this computer and of the server.',
  ],
  EPROTO: TLS_FAILED,
};

/** For errors without such a code: messages of the driver, and groups of codes. */
const PATTERNS: readonly (readonly [RegExp, Explanation])[] = [
  [/Connection terminated|timeout expired|not queryable/, UNREACHABLE],
  [/does not support SSL/, NO_TLS],
  [
    /establishing an SSL connection|^(ERR_SSL|ERR_TLS|ERR_OSSL|ERR_CRYPTO|CERT_|UNABLE_TO)/m,
    TLS_FAILED,
  ],
];

const codeOf = (error: Error): string => String((error as { code?: unknown }).code);

function find(error: Error): Explanation | undefined {
  const code = codeOf(error);
  const text = `${code}\n${error.message}`;
  return EXPLANATIONS[code] ?? PATTERNS.find(([pattern]) => pattern.test(text))?.[1];
}

/**
 * Whether `sslmode=prefer` and `sslmode=allow` try again with, or without, TLS, as in libpq: TLS is
 * not available, its handshake failed, or the server refused this kind of connection.
 */
export function isRefusedEncryption(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const found = find(error);
  return (
    found === NO_TLS || found === TLS_FAILED || ['28000', 'ECONNRESET'].includes(codeOf(error))
  );
}

/** Turns any error, also as the cause of a failed migration, into one with a code and a remedy. */
export function explain(error: unknown, { host, port, database }: Endpoint): CliError {
  const cause = error instanceof CliError ? error.cause : error;
  if (error instanceof CliError) {
    const found = cause instanceof Error ? find(cause) : undefined;
    return found ? new CliError(error.message, { code: found[0], hint: found[1], cause }) : error;
  }
  const [code, hint] = (cause instanceof Error && find(cause)) || UNKNOWN;
  // Node reports several addresses of a host as one error without a message.
  const reason = cause instanceof Error ? cause.message || codeOf(cause) : String(cause);
  const place = host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new CliError(`cannot use the database ${database ?? ''} at ${place}: ${reason}`, {
    code,
    hint,
    cause,
  });
}
