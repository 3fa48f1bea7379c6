/**
 * Stand-ins for the parts of supabase-js that the functions never use: its auth, realtime and storage
 * clients are nine tenths of it and would be loaded at each cold start. `build.ts` bundles this file
 * instead; supabase-js constructs the classes and calls nothing else.
 */

/** Replaces that of `@supabase/auth-js`; not constructed when there is an access token. */
export class AuthClient {}

/** Replaces that of `@supabase/realtime-js`. */
export class RealtimeClient {
  /** Called with the token at construction. */
  async setAuth(): Promise<void> {}
}

/** Replaces that of `@supabase/storage-js`. */
export class StorageClient {}

/** Re-exported by supabase-js. */
export class StorageApiError extends Error {}
