import type { Database } from './database.ts';

/**
 * Adds what hosted Supabase has of Realtime in the database, with the same signatures: the table of
 * messages, the function that writes it, and the topic that a member asks to join.
 * Source: github.com/supabase/realtime, lib/realtime/tenants/repo/migrations
 */
export async function addRealtime(database: Database): Promise<void> {
  await database.query(`
    create schema realtime;
    create table realtime.messages (
      topic text not null, extension text not null, payload jsonb, event text, private boolean default false,
      updated_at timestamp not null default now(), inserted_at timestamp not null default now(),
      id uuid not null default gen_random_uuid(), primary key (id, inserted_at)
    );
    alter table realtime.messages enable row level security;
    create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
      language plpgsql as $$
    begin
      insert into realtime.messages (payload, event, topic, private, extension)
      values (payload, event, topic, private, 'broadcast');
    exception when others then
      raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
    end $$;
    create function realtime.topic() returns text language sql stable as $$
      select nullif(current_setting('realtime.topic', true), '')::text
    $$;
    grant usage on schema realtime to authenticated, anon, service_role;
    grant select, insert, update on realtime.messages to authenticated, anon, service_role;
  `);
}
