import type { Database } from './database.ts';

/** Who makes a request of the API. */
export interface Caller {
  role: 'anon' | 'authenticated' | 'service_role';
  /** The signed-in user's id. */
  user?: string;
  /** What the header x-agensight-token carries. */
  token?: string;
}

/**
 * Runs statements as the API would for one request: the role, the user in the claims, the headers;
 * in a transaction that is rolled back, or kept when asked.
 */
export async function asCaller<T>(
  database: Database,
  caller: Caller,
  work: () => Promise<T>,
  end: 'rollback' | 'commit' = 'rollback',
): Promise<T> {
  await database.query('begin');
  let last: 'rollback' | 'commit' = 'rollback';
  try {
    await database.query(
      `select set_config('request.jwt.claims', $1, true), set_config('request.headers', $2, true)`,
      [
        JSON.stringify({ role: caller.role, ...(caller.user ? { sub: caller.user } : {}) }),
        JSON.stringify(caller.token ? { 'x-agensight-token': caller.token } : {}),
      ],
    );
    await database.query(`set local role ${caller.role}`);
    const result = await work();
    last = end;
    return result;
  } finally {
    await database.query(last);
  }
}
