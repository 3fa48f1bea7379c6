import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXPOSE_SCHEMA, Rest } from '../../../cli/remote/rest.ts';
import { SupabaseAdmin } from '../../../cli/remote/supabase-admin.ts';

/** The profile headers of each request. */
const profiles: unknown[] = [];
/** Answers as PostgREST does for a schema that the Data API does not serve. */
const server = createServer((request, response) => {
  profiles.push([request.headers['accept-profile'], request.headers['content-profile']]);
  response.writeHead(406, { 'content-type': 'application/json' });
  response.end(
    '{"code":"PGRST106","details":null,"hint":null,"message":"Invalid schema: agensight"}',
  );
});
let url: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

it.each([
  [
    'reading rows',
    () => new Rest({ value: url, from: 'SUPABASE_URL' }, 'key', undefined).rows('traces', {}),
  ],
  ['setting up', () => new SupabaseAdmin(url, 'key').schemaVersion()],
])('%s names the setting when the Data API does not serve the schema', async (_, ask) => {
  await expect(ask()).rejects.toMatchObject({ cure: EXPOSE_SCHEMA });
  expect(profiles.at(-1)).toEqual(['agensight', 'agensight']);
});
