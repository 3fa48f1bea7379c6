import { readFile } from 'node:fs/promises';
import { createClient } from '@supabase/supabase-js';
import { describe, expect, expectTypeOf, inject, it } from 'vitest';
import type { Database as Types } from '../../supabase/database.types.ts';
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';
import { databaseTypes } from '../support/database-types.ts';
import { createDatabase } from '../support/postgres.ts';

const COMMITTED = new URL('../../supabase/database.types.ts', import.meta.url);

describe('database types', () => {
  it('are what the official CLI generates from the migrations (else: npm run types)', async () => {
    const newest = inject('postgresServers').at(-1);
    const url = await createDatabase(newest?.url ?? '');
    expect(await readFile(COMMITTED, 'utf8')).toBe(await databaseTypes(url));
  });

  it('give supabase-js the columns, the relationships and the functions', () => {
    const client = createClient<Types>('http://127.0.0.1:1', 'key', {
      db: { schema: DATABASE_SCHEMA },
    });
    const page = () =>
      client.from('traces').select('id, total_tokens, spans(name, completions(model))');
    type Page = NonNullable<Awaited<ReturnType<typeof page>>['data']>;
    expectTypeOf<Page[number]['id']>().toEqualTypeOf<string>();
    expectTypeOf<Page[number]['total_tokens']>().toEqualTypeOf<number>();
    expectTypeOf<Page[number]['spans'][number]['name']>().toEqualTypeOf<string | null>();
    const made = () => client.rpc('create_token', { project_id: 'x', name: 'ci' });
    type Made = NonNullable<Awaited<ReturnType<typeof made>>['data']>;
    expectTypeOf<Made[number]['token']>().toEqualTypeOf<string>();
    expect(page).toBeTypeOf('function');
    expect(made).toBeTypeOf('function');
  });
});
