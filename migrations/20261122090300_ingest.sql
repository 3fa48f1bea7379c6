-- ingest(): one batch, one transaction.
--
-- Any batch may come twice, late, split or shuffled; the rows come out equal, because each way of
-- putting two messages about one row together is commutative, associative and idempotent:
--   * started_at keeps the least, ended_at the greatest, status the strongest;
--   * any other field of a session, trace, span or tool keeps the value from the message with the
--     latest ended_at (a message without one is older than any with one), ties going to the greater value;
--   * fields of prompts and completions, which have no time, keep the greater value;
--   * null never overwrites.
-- Rows are written in the order of their keys, table after table, so two writers never wait for each
-- other in a circle.

create function private.micros(at text) returns bigint
  language sql stable security invoker set search_path = ''
as $$ select (extract(epoch from at::timestamptz) * 1000000)::bigint $$;
comment on function private.micros(text) is 'A timestamp as microseconds since 1970.';

create function private.strongest(a text, b text) returns text
  language sql immutable security invoker set search_path = ''
as $$
  select case when 'error' in (a, b) then 'error' when 'ok' in (a, b) then 'ok' else coalesce(a, b) end
$$;
comment on function private.strongest(text, text) is 'Of two statuses the one that stays: error before ok before unset.';

create function private.merge(stored jsonb, incoming jsonb, fields text[]) returns jsonb
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  running     constant bigint := -1;
  ended       timestamptz := greatest((stored ->> 'ended_at')::timestamptz, (incoming ->> 'ended_at')::timestamptz);
  ended_at    bigint := coalesce(private.micros(ended::text), running);
  new_at      bigint := coalesce(private.micros(incoming ->> 'ended_at'), running);
  -- merge_state maps a field to the age of its value; '' stands for all fields not named, and an
  -- absent '' for the row's own ended_at.
  state       jsonb  := stored -> 'merge_state';
  common_at   bigint := coalesce((state ->> '')::bigint, private.micros(stored ->> 'ended_at'), running);
  merged      jsonb  := '{}';
  ages        jsonb  := '{}';
  newest      bigint := running;
  field       text;
  old_value   jsonb;
  new_value   jsonb;
  value_at    bigint;
begin
  foreach field in array fields loop
    old_value := nullif(stored -> field, 'null');
    new_value := nullif(incoming -> field, 'null');
    value_at := coalesce((state ->> field)::bigint, common_at);
    if old_value is null or (new_value is not null
        and (new_at > value_at or (new_at = value_at and new_value > old_value))) then
      old_value := new_value;
      value_at := new_at;
    elsif new_value = old_value then
      value_at := greatest(value_at, new_at);
    end if;
    if old_value is not null then
      merged := merged || jsonb_build_object(field, old_value);
      ages := ages || jsonb_build_object(field, value_at);
      newest := greatest(newest, value_at);
    end if;
  end loop;
  select coalesce(jsonb_object_agg(key, value), '{}') into ages
  from jsonb_each(ages) where value <> to_jsonb(newest);
  if merged <> '{}' and newest <> ended_at then
    ages := ages || jsonb_build_object('', newest);
  end if;
  return merged || jsonb_build_object(
    'started_at', least((stored ->> 'started_at')::timestamptz, (incoming ->> 'started_at')::timestamptz),
    'ended_at', ended,
    'status', private.strongest(stored ->> 'status', incoming ->> 'status'),
    'merge_state', nullif(ages, '{}'));
end $$;
comment on function private.merge(jsonb, jsonb, text[]) is
  'Two messages about one row put together: the merged fields, times, status and merge_state. Called on conflict only.';

-- One writer per table, built from the table's own columns, so that a new column is added in one
-- place: after "alter table ... add column", call private.build_writer() again.
--
-- Each takes the project and a list of records and returns how many rows the list holds, not counting
-- those that ingest() only inferred. One statement may touch a row only once: where a key stands more
-- than once, Postgres says so, and the list is written in rounds, the nth of each key in the nth. The
-- first round meets every key in order, so locks are taken in order here too.

create function private.build_writer(target regclass, key text[]) returns void
  language plpgsql volatile security invoker set search_path = ''
as $build$
declare
  columns text;
  definitions text;
  ordered text;
  fields text[];
  timed boolean;
  assigned text;
  merged text;
  is_news text;
  upsert text;
begin
  -- Counters and merge_state are kept by the database; everything else is a field of the record.
  select string_agg(quote_ident(attname), ', ' order by attnum),
         string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum),
         string_agg(format(case when atttypid = 'text'::regtype then '%I collate "C"' else '%I' end, attname), ', ' order by array_position(key, attname::text)) filter (where attname = any (key)),
         array_agg(attname::text order by attnum) filter (where attname <> all (key))
  into columns, definitions, ordered, fields
  from pg_catalog.pg_attribute
  where attrelid = target and attnum > 0 and not attisdropped and not atthasdef
    and attname not in ('project_id', 'merge_state');

  timed := exists (
    select from pg_catalog.pg_attribute where attrelid = target and attname = 'merge_state' and not attisdropped);
  if timed then
    assigned := array_to_string(fields || array['merge_state'], ', ');
    merged := format(
      'select %s from jsonb_populate_record(null::%s, private.merge(to_jsonb(x), to_jsonb(excluded), %L::text[])) m',
      (select string_agg(format('m.%I', f), ', ' order by n) from unnest(fields || array['merge_state']) with ordinality u(f, n)),
      target,
      array(select f from unnest(fields) f where f not in ('started_at', 'ended_at', 'status')));
    -- A message that says nothing new writes nothing.
    is_news := format('(%s) is distinct from (%s) or (x.merge_state is not null and num_nonnulls(%s) > 0)',
      (select string_agg(format('x.%I', f), ', ' order by n) from unnest(fields) with ordinality u(f, n)),
      (select string_agg(
         case f when 'started_at' then 'least(x.started_at, excluded.started_at)'
                when 'ended_at' then 'greatest(x.ended_at, excluded.ended_at)'
                when 'status' then 'private.strongest(x.status, excluded.status)'
                else format('coalesce(excluded.%1$I, x.%1$I)', f) end, ', ' order by n)
       from unnest(fields) with ordinality u(f, n)),
      (select string_agg(format('excluded.%I', f), ', ') from unnest(fields) f where f not in ('started_at', 'ended_at', 'status')));
  else
    assigned := array_to_string(fields, ', ');
    merged := (
      select string_agg(format(
        case when a.atttypid = 'text'::regtype then 'greatest(x.%1$I collate "C", excluded.%1$I collate "C")'
             else 'greatest(x.%1$I, excluded.%1$I)' end, a.attname), ', ' order by a.attnum)
      from pg_catalog.pg_attribute a where a.attrelid = target and a.attname = any (fields));
    is_news := format('(%s) is distinct from (%s)',
      (select string_agg(format('x.%I', f), ', ' order by n) from unnest(fields) with ordinality u(f, n)), merged);
    merged := 'select ' || merged;
  end if;

  upsert := format($upsert$
    insert into %1$s as x (project_id, %2$s)
    select project, %2$s from %%s
    order by %3$s
    on conflict (project_id, %4$s) do update set (%5$s) = (%6$s)
    where %7$s$upsert$,
    target, columns, ordered, array_to_string(key, ', '), assigned, merged, is_news);

  execute format($function$
    create or replace function private.%1$I(project uuid, records jsonb) returns integer
      language plpgsql volatile security invoker set search_path = ''
    as $writer$
    declare
      keys integer;
      copies integer;
    begin
      begin
        %5$s;
        -- Inferred records stand last, so the last one tells whether there are any.
        return case when records -> -1 ? 'inferred'
          then (select count(*) from jsonb_to_recordset(records) as r(inferred boolean) where inferred is null)
          else coalesce(jsonb_array_length(records), 0) end;
      exception when cardinality_violation then
        select count(*) filter (where sent), max(n) into keys, copies
        from (
          select count(*) as n, bool_or(inferred is null) as sent
          from jsonb_to_recordset(records) as r(%3$s, inferred boolean) group by %2$s
        ) k;
      end;
      for round in 1 .. copies loop
        %6$s;
      end loop;
      return keys;
    end $writer$ $function$,
    'write_' || (select relname from pg_catalog.pg_class where oid = target),
    array_to_string(key, ', '),
    (select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ')
     from pg_catalog.pg_attribute where attrelid = target and attname = any (key)),
    definitions,
    format(upsert, format('jsonb_to_recordset(records) as r(%s)', definitions)),
    format(upsert, format(
      '(select * from (select r.*, row_number() over (partition by %s) as n from jsonb_to_recordset(records) as r(%s)) r where n = round) r',
      array_to_string(key, ', '), definitions)));
  execute format('revoke all on function private.%I(uuid, jsonb) from public, anon, authenticated, service_role',
    'write_' || (select relname from pg_catalog.pg_class where oid = target));
  execute format('comment on function private.%I(uuid, jsonb) is %L',
    'write_' || (select relname from pg_catalog.pg_class where oid = target),
    'Writes records of one kind, merging them with what is stored. Made by private.build_writer().');
end $build$;
comment on function private.build_writer(regclass, text[]) is
  'Makes or remakes the writer of one of the six tables from its columns. To be called after every change of a table''s columns.';

select private.build_writer('public.sessions', array['id']);
select private.build_writer('public.traces', array['id']);
select private.build_writer('public.spans', array['trace_id', 'id']);
select private.build_writer('public.prompts', array['trace_id', 'span_id', 'message_index']);
select private.build_writer('public.completions', array['trace_id', 'span_id', 'completion_index']);
select private.build_writer('public.tools', array['trace_id', 'id']);

-- A span, completion or tool may come before its trace, and a trace before its session. The latter
-- then get a row at once: the totals have somewhere to go, and the page of sessions misses nobody.

create function private.sessions_of(batch jsonb) returns jsonb
  language sql stable security invoker set search_path = ''
as $$
  select coalesce(batch -> 'sessions', '[]') || coalesce(jsonb_agg(jsonb_build_object(
    'inferred', true, 'id', t.session_id, 'started_at', t.started_at, 'ended_at', t.ended_at)), '[]')
  from (
    select session_id, min(started_at) as started_at, max(coalesce(ended_at, started_at)) as ended_at
    from jsonb_to_recordset(batch -> 'traces') as r(session_id text, started_at timestamptz, ended_at timestamptz)
    where session_id is not null
    group by session_id
  ) t
  -- Nothing to add to a session that the batch itself carries with times as wide.
  where not exists (
    select from jsonb_to_recordset(batch -> 'sessions') as s(id text, started_at timestamptz, ended_at timestamptz)
    where s.id = t.session_id
      and coalesce(s.started_at <= t.started_at, t.started_at is null)
      and coalesce(s.ended_at >= t.ended_at, t.ended_at is null))
$$;
comment on function private.sessions_of(jsonb) is 'The sessions of a batch, with those that its traces name.';

create function private.traces_of(batch jsonb) returns jsonb
  language sql stable security invoker set search_path = ''
as $$
  select coalesce(batch -> 'traces', '[]') || coalesce(jsonb_agg(jsonb_build_object('inferred', true, 'id', trace_id)), '[]')
  from (
    select trace_id from jsonb_to_recordset(batch -> 'spans') as r(trace_id text)
    union
    select trace_id from jsonb_to_recordset(batch -> 'completions') as r(trace_id text)
    union
    select trace_id from jsonb_to_recordset(batch -> 'tools') as r(trace_id text)
    except
    select id from jsonb_to_recordset(batch -> 'traces') as r(id text)
  ) parts
$$;
comment on function private.traces_of(jsonb) is 'The traces of a batch, with those that its spans, completions and tools name.';

-- A tool's own span often does not know which call of a model it answers. Its row then carries the
-- span's id both as id and as run_span_id, and is joined to the call with the same trace, name and
-- arguments, whichever comes first. The trace's row is locked by then, so no writer misses the other.

create function private.tools_of(project uuid, batch jsonb) returns jsonb
  language sql stable security invoker set search_path = ''
as $$
  select case
    when exists (
      select from jsonb_to_recordset(batch -> 'tools') as r(id text, run_span_id text) where id = run_span_id)
    -- A run that was joined before goes to the row that it was joined to.
    then (
      select jsonb_agg(record || coalesce((
        select jsonb_build_object('id', t.id) from public.tools t
        where t.project_id = project and t.trace_id = record ->> 'trace_id'
          and t.run_span_id = record ->> 'run_span_id' and t.id <> record ->> 'id'
          and record ->> 'id' = record ->> 'run_span_id'
        order by t.id limit 1), '{}'))
      from jsonb_array_elements(batch -> 'tools') record)
    else batch -> 'tools' end
$$;
comment on function private.tools_of(uuid, jsonb) is 'The tools of a batch, runs that were joined to a call before under the id of that call.';

create function private.call_of(run public.tools) returns text
  language sql stable security invoker set search_path = ''
as $$
  select t.id from public.tools t
  where t.project_id = run.project_id and t.trace_id = run.trace_id and t.id <> run.id
    and (t.run_span_id = run.run_span_id
      or (t.run_span_id is null and t.name = run.name
        -- A function may take the model's object, or its values one after the other.
        and (t.arguments = run.arguments
          or (jsonb_typeof(t.arguments) = 'object' and jsonb_typeof(run.arguments) = 'array'
            and (select jsonb_agg(value order by value) from jsonb_each(t.arguments))
              = (select jsonb_agg(value order by value) from jsonb_array_elements(run.arguments))))))
  order by t.run_span_id is null, t.id
  limit 1
$$;
comment on function private.call_of(public.tools) is 'The row of the model''s call that a tool ran for; null when none is known.';

create function private.join_tool_runs(project uuid, records jsonb) returns void
  language plpgsql volatile security invoker set search_path = ''
as $$
declare
  run public.tools;
  call_id text;
begin
  for run in
    select * from public.tools t
    where t.project_id = project and t.id = t.run_span_id
      and t.trace_id in (select r.trace_id from jsonb_to_recordset(records) as r(trace_id text))
    order by t.trace_id, t.started_at, t.id
  loop
    call_id := private.call_of(run);
    if call_id is not null then
      perform private.write_tools(project, jsonb_build_array(to_jsonb(run) || jsonb_build_object('id', call_id)));
      delete from public.tools t where t.project_id = project and t.trace_id = run.trace_id and t.id = run.id;
    end if;
  end loop;
end $$;
comment on function private.join_tool_runs(uuid, jsonb) is 'Joins the runs without a call, in the traces of these tools, to the calls that are known by now.';

create function public.ingest(token_hash text, batch jsonb) returns jsonb
  language plpgsql volatile security definer set search_path = '' set timezone = 'UTC'
as $$
declare
  project uuid := (private.find_token(token_hash, 'ingest')).project_id;
  sent_id uuid := (batch ->> 'batch_id')::uuid;
  tools jsonb;
  counts jsonb;
begin
  if sent_id is null then
    raise exception 'A batch needs a batch_id.' using errcode = 'PT400';
  end if;
  select r.stored into counts from public.receipts r where r.project_id = project and r.batch_id = sent_id;
  if found then
    return jsonb_build_object('batch_id', sent_id, 'stored', counts, 'repeated', true);
  end if;

  counts := jsonb_build_object(
    'sessions', private.write_sessions(project, private.sessions_of(batch)),
    'traces', private.write_traces(project, private.traces_of(batch)),
    'spans', private.write_spans(project, batch -> 'spans'),
    'prompts', private.write_prompts(project, batch -> 'prompts'),
    'completions', private.write_completions(project, batch -> 'completions'));
  tools := private.tools_of(project, batch);
  counts := counts || jsonb_build_object('tools', private.write_tools(project, tools));
  perform private.join_tool_runs(project, tools);

  insert into public.receipts (project_id, batch_id, stored, sdk)
  values (project, sent_id, counts, nullif(batch -> 'sdk', 'null'))
  on conflict do nothing;
  return jsonb_build_object('batch_id', sent_id, 'stored', counts, 'repeated', false);
end $$;
comment on function public.ingest(text, jsonb) is
  'Stores a batch of records in the project of a token (lower-case hexadecimal SHA-256), in one transaction; a batch_id seen before changes nothing. Returns batch_id, rows accepted per table, and whether it was a repeat. Raises PT401, PT403 or PT400. For the ingest function alone.';

create function public.schema_version() returns integer
  language sql immutable security invoker set search_path = ''
as $$ select 1 $$;
comment on function public.schema_version() is
  'Counts the migrations that change what ingest() takes or what the tables hold; the ingest function compares it with its own.';

revoke all on function
  private.micros(text), private.strongest(text, text), private.merge(jsonb, jsonb, text[]),
  private.build_writer(regclass, text[]), private.sessions_of(jsonb), private.traces_of(jsonb),
  private.tools_of(uuid, jsonb), private.call_of(public.tools), private.join_tool_runs(uuid, jsonb),
  public.ingest(text, jsonb), public.schema_version()
  from public, anon, authenticated, service_role;
grant execute on function public.ingest(text, jsonb), public.schema_version() to service_role;
