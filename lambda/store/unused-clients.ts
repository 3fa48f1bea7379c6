/**
 * What the bundles carry in place of the parts of supabase-js that the functions never call: its
 * clients for sign-in, live changes and files are nine tenths of it, and would be loaded at each cold
 * start. `build.ts` puts this file in their place; supabase-js makes one of each, and leaves them be.
 */

/** In place of the one of `@supabase/auth-js`; not made at all where there is an access token. */
export class AuthClient {}

/** In place of the one of `@supabase/realtime-js`. */
export class RealtimeClient {
  /** Told the token at the start. */
  async setAuth(): Promise<void> {}
}

/** In place of the one of `@supabase/storage-js`. */
export class StorageClient {}

/** Exported by supabase-js. */
export class StorageApiError extends Error {}
