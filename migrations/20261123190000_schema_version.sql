-- The version that the ingest function compares with its own: GET /v1/health tells of a gap.

create or replace function public.schema_version() returns integer
  language sql immutable security invoker set search_path = ''
as $$ select 2 $$;
