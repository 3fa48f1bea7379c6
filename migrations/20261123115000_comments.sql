-- Every function, and every column of a view, says what it is.

do $$
declare
  named record;
begin
  -- The views over a table of tokens, invitations or erasures show its columns, and say what it says of them.
  for named in
    select v.oid::regclass as view_name, a.attname as column_name, col_description(t.oid, s.attnum) as said
    from pg_catalog.pg_class v
    join pg_catalog.pg_class t on t.relname = v.relname and t.relnamespace = 'private'::regnamespace
    join pg_catalog.pg_attribute a on a.attrelid = v.oid and a.attnum > 0 and not a.attisdropped
    join pg_catalog.pg_attribute s on s.attrelid = t.oid and s.attname = a.attname
    where v.relnamespace = 'public'::regnamespace and v.relkind = 'v'
  loop
    execute format('comment on column %s.%I is %L', named.view_name, named.column_name, named.said);
  end loop;
  -- An inner step bears the name of the function of the API that takes it.
  for named in
    select p.oid::regprocedure as function_name, p.proname
    from pg_catalog.pg_proc p
    where p.pronamespace = 'private'::regnamespace and obj_description(p.oid, 'pg_proc') is null
      and exists (select from pg_catalog.pg_proc q where q.pronamespace = 'public'::regnamespace and q.proname = p.proname)
  loop
    execute format('comment on function %s is %L', named.function_name,
      format('The inner step of public.%s(), which checks that the caller may.', named.proname));
  end loop;
end $$;

comment on column public.unpriced_models.project_id        is 'The project.';
comment on column public.unpriced_models.provider          is 'Who served it, in lower case.';
comment on column public.unpriced_models.model             is 'The model that no price names.';
comment on column public.unpriced_models.calls             is 'Calls without a cost for that reason.';
comment on column public.unpriced_models.prompt_tokens     is 'Their input tokens.';
comment on column public.unpriced_models.completion_tokens is 'Their output tokens.';
comment on column public.unpriced_models.trace_id          is 'A trace with such a call.';
