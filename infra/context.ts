import type { AgensightProps } from './agensight.ts';

/** What the context of the app says, `-c name=value` on the command line or `context` in cdk.json. */
export interface Context extends AgensightProps {
  stackName: string;
}

/**
 * Reads the context. Values from a command line are text, those from cdk.json may be numbers.
 *
 * @throws Error naming the value that makes no sense
 */
export function readContext(get: (name: string) => unknown): Context {
  const frontDoor = text(get, 'frontDoor') ?? 'function-url';
  if (frontDoor !== 'function-url' && frontDoor !== 'http-api') {
    throw new Error('frontDoor is "function-url" or "http-api".');
  }
  return {
    stackName: text(get, 'stackName') ?? 'Agensight',
    memorySizeMib: wholeNumber(get, 'memorySizeMib'),
    reservedConcurrency: wholeNumber(get, 'reservedConcurrency'),
    drainConcurrency: wholeNumber(get, 'drainConcurrency'),
    logLevel: text(get, 'logLevel'),
    alarmEmail: text(get, 'alarmEmail'),
    ...(frontDoor === 'http-api'
      ? {
          httpApi: {
            requestsPerSecond: wholeNumber(get, 'requestsPerSecond'),
            burst: wholeNumber(get, 'burst'),
            domainName: text(get, 'domainName'),
            certificateArn: text(get, 'certificateArn'),
          },
        }
      : {}),
  };
}

function text(get: (name: string) => unknown, name: string): string | undefined {
  const value = get(name);
  return value === undefined || value === '' ? undefined : String(value);
}

function wholeNumber(get: (name: string) => unknown, name: string): number | undefined {
  const value = text(get, name);
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`${name} is a whole number above 0.`);
  return Number(value);
}
