/** The result of one check of `agensight doctor`. */
import { CliError } from '../shell/errors.ts';

export interface Check {
  readonly name:
    | 'runtime'
    | 'exporter'
    | 'endpoint'
    | 'schema'
    | 'clock'
    | 'token'
    | 'canary'
    | 'tables';
  readonly status: 'ok' | 'failed' | 'not checked';
  readonly detail: string;
  /** What to do about it; empty when there is nothing to do. */
  readonly hint: string;
}

type Name = Check['name'];

export const passed = (name: Name, detail: string): Check => ({
  name,
  status: 'ok',
  detail,
  hint: '',
});

export const failed = (name: Name, detail: string, hint: string): Check => ({
  name,
  status: 'failed',
  detail,
  hint,
});

export const skipped = (name: Name, detail: string, hint = ''): Check => ({
  name,
  status: 'not checked',
  detail,
  hint,
});

export const DATABASE_HINT =
  'Check whether the Supabase project is paused or overloaded, and the SUPABASE_URL and key of the function.';

/** Turns a rejected {@link CliError} into a value, so that the other checks still run. */
export async function orCliError<T>(promise: Promise<T>): Promise<T | CliError> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}
