/**
 * The forms of settings that several programs read: the functions, the stack that deploys them, the
 * command line and the local stack. Imports nothing. Each form has the words for an error message,
 * which quotes no value, because some of the values are secrets.
 */

/** The form of a text. */
export interface Form {
  /** Continues the name of the setting: `must be ...`. */
  readonly problem: string;
  accepts(value: string): boolean;
}

/** The levels of the functions' logs. */
export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'SILENT'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const ARN_START = 'arn:aws[a-z-]*';
const REGION = '[a-z]+(?:-[a-z]+)+-\\d+';

/** An AWS region, such as `eu-west-1`. */
export const AWS_REGION_FORM = matching(
  new RegExp(`^${REGION}$`),
  'must be an AWS region such as eu-west-1',
);

/** The ARN of a secret in AWS Secrets Manager, in any partition. */
export const SECRET_ARN_FORM = matching(
  new RegExp(`^${ARN_START}:secretsmanager:${REGION}:\\d{12}:secret:[\\w/+=.@-]{1,519}$`),
  'must be an ARN such as arn:aws:secretsmanager:<region>:<account>:secret:<name>',
);

/** The ARN of a certificate in AWS Certificate Manager, in any partition. */
export const CERTIFICATE_ARN_FORM = matching(
  new RegExp(`^${ARN_START}:acm:${REGION}:\\d{12}:certificate/[\\w-]{1,64}$`),
  'must be an ARN such as arn:aws:acm:<region>:<account>:certificate/<id>',
);

/** The name of an S3 bucket: 3 to 63 characters, no IP address. */
export const BUCKET_NAME_FORM = matching(
  /^(?!\d+(?:\.\d+){3}$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  'must be the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens',
);

/** A CloudWatch namespace outside `AWS/`, which is reserved. */
export const METRICS_NAMESPACE_FORM = matching(
  /^(?!AWS\/)[\w./#:-]{1,255}$/,
  'must be a CloudWatch namespace: 1 to 255 letters, digits and . - _ / # :',
);

/** A domain name with at least two labels. */
export const DOMAIN_NAME_FORM = matching(
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i,
  'must be a domain name such as ingest.example.com',
);

/** The name of a CloudFormation stack. */
export const STACK_NAME_FORM = matching(
  /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
  'must be a stack name: a letter, then at most 127 letters, digits and hyphens',
);

/** A key or token as it can stand in an HTTP header. */
export const HEADER_VALUE_FORM = matching(
  /^[\x21-\x7e]+$/,
  'must consist of visible ASCII characters, without spaces',
);

/** A version, for answers and logs. */
export const VERSION_FORM = matching(
  /^[\x21-\x7e]{1,128}$/,
  'must consist of at most 128 visible ASCII characters',
);

/** An HTTP URL below which a program calls paths. */
export const HTTP_URL_FORM: Form = {
  problem: 'must be an http:// or https:// URL without credentials, query and fragment',
  accepts: (value) => isHttp(plainUrl(value)),
};

/** An HTTP origin: scheme, host and port. A trailing slash is allowed. */
export const ORIGIN_FORM: Form = {
  problem:
    'must be an http:// or https:// URL of only scheme, host and port, without path and credentials',
  accepts: (value) => {
    const url = plainUrl(value);
    return isHttp(url) && url?.pathname === '/';
  },
};

/** The URL of an SQS queue. */
export const QUEUE_URL_FORM: Form = {
  problem: 'must be an https:// URL without credentials, query and fragment (http:// on loopback)',
  accepts: (value) => {
    const url = plainUrl(value);
    return url?.protocol === 'https:' || (isHttp(url) && isLoopback(url?.hostname ?? ''));
  },
};

/** The URL of a Postgres database. */
export const POSTGRES_URL_FORM: Form = {
  problem: 'must be a URL such as postgresql://user:password@host:5432/database',
  accepts: (value) => /^postgres(?:ql)?:\/\/[^\s]+$/.test(value) && parseUrl(value) !== null,
};

function matching(pattern: RegExp, problem: string): Form {
  return { problem, accepts: (value) => pattern.test(value) };
}

/** A URL with `//` and a host, without what the parser would drop silently; null for any other. */
function plainUrl(value: string): URL | null {
  const url = /^[a-z]+:\/\/[^\s\\@?#]+$/i.test(value) ? parseUrl(value) : null;
  return url?.host ? url : null;
}

function parseUrl(value: string): URL | null {
  try {
    return new URL(value);
  } catch {
    return null;
  }
}

function isHttp(url: URL | null): boolean {
  return url?.protocol === 'http:' || url?.protocol === 'https:';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
