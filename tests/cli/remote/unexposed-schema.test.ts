import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Rest } from '../../../cli/remote/rest.ts';

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
  ['reading rows', (rest: Rest) => rest.rows('traces', {}, z.unknown())],
  ['calling a function', (rest: Rest) => rest.rpc('schema_version', {}, z.number())],
])('%s names the setting when the Data API does not serve the schema', async (_, ask) => {
  await expect(ask(new Rest(url, 'key'))).rejects.toMatchObject({
    code: 'AGENSIGHT_CLI_SCHEMA_MISSING',
    hint: expect.stringContaining('exposed schemas'),
  });
  expect(profiles.at(-1)).toEqual(['agensight', 'agensight']);
});
