import { Token } from 'aws-cdk-lib';
import {
  CERTIFICATE_ARN_FORM,
  DOMAIN_NAME_FORM,
  type Form,
  LOG_LEVELS,
  SECRET_ARN_FORM,
} from '../wire/settings.ts';
import type { HttpApiProps } from './entry-point.ts';

const LOG_LEVEL_FORM: Form = {
  problem: `must be one of ${LOG_LEVELS.join(', ')}`,
  accepts: (value) => LOG_LEVELS.some((level) => level === value),
};

interface CheckedProps {
  readonly secret?: { readonly secretArn: string } | undefined;
  readonly httpApi?: HttpApiProps | undefined;
  readonly logLevel?: string | undefined;
}

/**
 * Checks the form of the properties that the functions or AWS would reject only after the deployment
 * has begun. Values that CloudFormation resolves later are not checked.
 *
 * @throws Error that names every invalid property
 */
export function checkProps({ secret, httpApi, logLevel }: CheckedProps): void {
  const checks: readonly (readonly [string, string | undefined, Form])[] = [
    ['secret', secret?.secretArn, SECRET_ARN_FORM],
    ['logLevel', logLevel, LOG_LEVEL_FORM],
    ['httpApi.domainName', httpApi?.domainName, DOMAIN_NAME_FORM],
    ['httpApi.certificateArn', httpApi?.certificateArn, CERTIFICATE_ARN_FORM],
  ];
  const problems = checks.flatMap(([name, value, form]) =>
    value === undefined || Token.isUnresolved(value) || form.accepts(value)
      ? []
      : [`${name} ${form.problem}`],
  );
  if (problems.length > 0) throw new Error(`Invalid properties: ${problems.join('; ')}.`);
}
