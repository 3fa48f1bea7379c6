import { join } from 'node:path';
import { createHandler } from '../lambda/ingest.ts';
import { createLog } from '../lambda/runtime/log.ts';
import { createSupabaseStore } from '../lambda/store/store.ts';
import { openDemoProject } from './demo-project.ts';
import { functionUrlListener } from './function-url.ts';
import { answerGrpc } from './grpc-hint.ts';
import { listen, requireFreePort } from './listen.ts';
import { type LocalEnv, readLocalEnv, writeLocalEnv } from './local-env.ts';
import type { Settings } from './settings.ts';
import { mintKeys, type Surface, startSurface } from './surface.ts';

/** The whole pipeline on this machine: database, Supabase API, ingest handler. */
export interface Stack {
  /** The variables with which a program connects. */
  env: LocalEnv;
  /** Path of the file with these variables. */
  envFile: string;
  projectId: string;
  surface: Surface;
  /** Stops both servers and closes the database. */
  close(): Promise<void>;
}

/** Starts the database with its Supabase API, then the ingest handler behind a function URL. */
export async function startStack(settings: Omit<Settings, 'once'>): Promise<Stack> {
  await requireFreePort(settings.port, '--port');
  await requireFreePort(settings.supabasePort, '--supabase-port');
  const earlier = await readLocalEnv(settings.folder);
  const fresh = mintKeys();
  const surface = await startSurface({
    databaseUrl: settings.databaseUrl,
    dataFolder: join(settings.folder, 'database'),
    port: settings.supabasePort,
    keys: {
      publishable: earlier.SUPABASE_PUBLISHABLE_KEY ?? fresh.publishable,
      secret: earlier.SUPABASE_SECRET_KEY ?? fresh.secret,
    },
  });
  try {
    const project = await openDemoProject(surface, earlier.AGENSIGHT_TOKEN);
    const store = createSupabaseStore({
      url: surface.url,
      secretKey: surface.keys.secret,
      timeoutMillis: 10_000,
    });
    const handler = createHandler({
      store,
      now: Date.now,
      log: createLog('ERROR'),
      metrics: { record: () => {} },
      version: 'local',
    });
    const endpoint = await listen(functionUrlListener(handler), settings.port, '--port');
    const grpc = await answerGrpc(endpoint.url);
    const env: LocalEnv = {
      AGENSIGHT_ENDPOINT: endpoint.url,
      AGENSIGHT_TOKEN: project.token,
      SUPABASE_URL: surface.url,
      SUPABASE_PUBLISHABLE_KEY: surface.keys.publishable,
      SUPABASE_SECRET_KEY: surface.keys.secret,
      ...(settings.databaseUrl ? { DATABASE_URL: settings.databaseUrl } : {}),
    };
    return {
      env,
      envFile: await writeLocalEnv(settings.folder, env),
      projectId: project.id,
      surface,
      close: async () => {
        await grpc?.close();
        await endpoint.close();
        await surface.close();
      },
    };
  } catch (error) {
    await surface.close();
    throw error;
  }
}
