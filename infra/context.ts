import * as z from 'zod/mini';
import {
  CERTIFICATE_ARN_FORM,
  DOMAIN_NAME_FORM,
  type Form,
  LOG_LEVELS,
  STACK_NAME_FORM,
} from '../wire/settings.ts';
import type { AgensightProps } from './agensight.ts';

/** The settings of the CDK app, from `-c name=value` or `context` in cdk.json. */
export interface Context extends AgensightProps {
  stackName: string;
}

/** The command line passes text, cdk.json may have numbers. */
const wholeNumber = (minimum: number, maximum: number) =>
  z.pipe(
    z.transform((value) => Number(value)),
    z
      .int(`must be a whole number from ${minimum} to ${maximum}`)
      .check(
        z.minimum(minimum, `must be at least ${minimum}`),
        z.maximum(maximum, `must be at most ${maximum}`),
      ),
  );
const formed = (form: Form) =>
  z.string('must be text').check(z.refine(form.accepts, { error: form.problem }));
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `must be one of ${values.join(', ')}`);

const HTTP_API = {
  requestsPerSecond: z.optional(wholeNumber(1, 1_000_000)),
  burst: z.optional(wholeNumber(1, 1_000_000)),
  domainName: z.optional(formed(DOMAIN_NAME_FORM)),
  certificateArn: z.optional(formed(CERTIFICATE_ARN_FORM)),
};

const Schema = z.strictObject({
  stackName: z._default(formed(STACK_NAME_FORM), 'Agensight'),
  frontDoor: z._default(oneOf(['function-url', 'http-api']), 'function-url'),
  memorySizeMib: z.optional(wholeNumber(128, 10_240)),
  reservedConcurrency: z.optional(wholeNumber(1, 100_000)),
  drainConcurrency: z.optional(wholeNumber(2, 1_000)),
  logLevel: z.optional(oneOf(LOG_LEVELS)),
  alarmEmail: z.optional(z.email('must be an email address')),
  ...HTTP_API,
});

/** Keys with other characters, such as `@aws-cdk/...` and `aws:...`, belong to the CDK. */
const OWN_KEY = /^[A-Za-z]\w*$/;

/**
 * Validates the context.
 *
 * @param values all values of the context; an empty text counts as absent
 * @throws Error that lists every unknown key and every invalid value
 */
export function readContext(values: Readonly<Record<string, unknown>>): Context {
  const given = Object.entries(values).filter(([key, value]) => OWN_KEY.test(key) && value !== '');
  const { data, error } = Schema.safeParse(Object.fromEntries(given));
  if (error) throw invalid(error.issues.flatMap(describe));
  const { frontDoor, requestsPerSecond, burst, domainName, certificateArn, ...props } = data;
  if (frontDoor === 'http-api') {
    return { ...props, httpApi: { requestsPerSecond, burst, domainName, certificateArn } };
  }
  const unused = Object.keys(HTTP_API).filter((key) => key in data);
  if (unused.length > 0) throw invalid(unused.map((key) => `${key}: needs frontDoor=http-api`));
  return props;
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [`${issue.path.join('.')}: ${issue.message}`];
  const known = Object.keys(Schema.shape).join(', ');
  return issue.keys.map((key) => `${key}: unknown; known are ${known}`);
}

const invalid = (problems: readonly string[]): Error =>
  new Error(`The CDK context is invalid.\n${problems.map((line) => `- ${line}`).join('\n')}`);
