-- Writing records of one kind, merging them with what is stored.
--
-- A batch may arrive twice, late, split or shuffled, and the rows come out equal, because the merge of
-- two messages about one row is commutative, associative and idempotent:
--   * started_at keeps the least, ended_at the greatest, status the strongest;
--   * any other field of a session, trace, span or tool keeps the value from the message with the
--     latest ended_at (a message without one is older than any with one), ties going to the greater value;
--   * but name and arguments of a tool are those that the model wrote: those of the call that it requested,
--     else of the history that answers it, else of the run;
--   * fields of prompts and completions, which have no time, keep the greater value;
--   * null never overwrites;
--   * the name that agensight_private.name_traces() gives to a trace without one is older than any other.
-- Rows are written in the order of their keys, table after table, so two writers never deadlock.

create function agensight_private.to_micros(at text) returns bigint
  language sql stable security invoker set search_path = ''
as $$ select (extract(epoch from at::timestamptz) * 1000000)::bigint $$;
comment on function agensight_private.to_micros(text) is 'A timestamp as microseconds since 1970.';

create function agensight_private.strongest_status(a text, b text) returns text
  language sql immutable security invoker set search_path = ''
as $$
  select case when 'error' in (a, b) then 'error' when 'ok' in (a, b) then 'ok' else coalesce(a, b) end
$$;
comment on function agensight_private.strongest_status(text, text) is 'Of two statuses the stronger: error before ok before unset.';

create function agensight_private.age_of(message jsonb, field text) returns bigint
  language plpgsql stable security invoker set search_path = ''
as $$
begin
  return case
    when field in ('name', 'arguments') and message ? 'run_span_id' and message ->> 'span_id' is not null then 9000000000000000002
    when field in ('name', 'arguments') and message ? 'run_span_id' and message ->> 'run_span_id' is null then 9000000000000000001
    else coalesce(agensight_private.to_micros(message ->> 'ended_at'), -1) end;
end $$;
comment on function agensight_private.age_of(jsonb, text) is
  'The age of a field in a message: when the message ended, in microseconds since 1970; -1 while it runs, and more than any time for what a model wrote.';

create function agensight_private.merge(stored jsonb, incoming jsonb, fields text[]) returns jsonb
  language plpgsql stable security invoker set search_path = ''
as $$
declare
  running     constant bigint := -1;
  ended       timestamptz := greatest((stored ->> 'ended_at')::timestamptz, (incoming ->> 'ended_at')::timestamptz);
  ended_at    bigint := coalesce(agensight_private.to_micros(ended::text), running);
  new_at      bigint := coalesce(agensight_private.to_micros(incoming ->> 'ended_at'), running);
  -- merge_state maps a field to the age of its value; '' is the age of all fields not named, and
  -- without '' that is the row's own ended_at.
  state       jsonb  := nullif(stored -> 'merge_state', 'null');
  is_tool     constant boolean := stored ? 'run_span_id';
  common_at   bigint := coalesce((state ->> '')::bigint, agensight_private.to_micros(stored ->> 'ended_at'), running);
  merged      jsonb  := '{}';
  ages        jsonb  := '{}';
  newest      bigint := running;
  field       text;
  old_value   jsonb;
  new_value   jsonb;
  value_at    bigint;
  is_named    boolean;
  is_plain    boolean;
begin
  foreach field in array fields loop
    old_value := nullif(stored -> field, 'null');
    new_value := nullif(incoming -> field, 'null');
    value_at := coalesce((state ->> field)::bigint, case when is_tool and state is null then agensight_private.age_of(stored, field) else common_at end);
    if is_tool then
      new_at := agensight_private.age_of(incoming, field);
    end if;
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
  -- Without merge_state, each field of a tool is as old as age_of() says of the row.
  is_plain := is_tool and not exists (
    select from jsonb_each(ages) a
    where a.value <> to_jsonb(agensight_private.age_of(
      jsonb_build_object('run_span_id', null, 'ended_at', ended) || merged, a.key)));
  select coalesce(jsonb_object_agg(key, value), '{}') into ages
  from jsonb_each(ages) where value <> to_jsonb(newest) and not is_plain;
  is_named := state ? 'named_by' and (ages -> 'name' = '-2' or not merged ? 'name');
  if (case when is_named then merged - 'name' else merged end) <> '{}' and not is_plain
      and (newest <> ended_at or is_tool) then
    ages := ages || jsonb_build_object('', newest);
  end if;
  if is_named then
    ages := ages || jsonb_build_object('name', -2, 'named_by', state -> 'named_by');
  end if;
  return merged || jsonb_build_object(
    'started_at', least((stored ->> 'started_at')::timestamptz, (incoming ->> 'started_at')::timestamptz),
    'ended_at', ended,
    'status', agensight_private.strongest_status(stored ->> 'status', incoming ->> 'status'),
    'merge_state', nullif(ages, '{}'));
end $$;
comment on function agensight_private.merge(jsonb, jsonb, text[]) is
  'Merges two messages about one row: fields, times, status and merge_state. Called on conflict only.';

-- One writer per table, built from the table's own columns, so that a new column is added in one
-- place: after "alter table ... add column", call build_writer() again.
--
-- A writer takes the project, a list of records, and which traces are known, so that some of their rows
-- may exist. It returns how many rows the list names, not counting those that ingest() only inferred.
-- Where no row exists under the keys of a list, which is nearly always, the rows are inserted without
-- "on conflict", which takes a third less time. Where that was wrong, or a key comes twice, Postgres
-- raises an error, and the list is written in rounds, the nth of each key in the nth round. The first
-- round meets every key in order, so locks are taken in order here too.

create function agensight_private.build_writer(target regclass, key text[]) returns void
  language plpgsql volatile security invoker set search_path = ''
as $build$
declare
  columns text;
  definitions text;
  ordered text;
  fields text[];
  timed boolean;
  priced constant boolean := target = 'agensight.completions'::regclass;
  writer constant text := 'write_' || (select relname from pg_catalog.pg_class where oid = target);
  assigned text;
  merged text;
  is_news text;
  candidates text := '';
  pricing text := '';
  key_definitions text;
  insertion text;
  upsert text;
begin
  -- Counters and what the database works out are kept by it; everything else is a field of the record.
  select string_agg(quote_ident(attname), ', ' order by attnum),
         string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum),
         string_agg(format(case when atttypid = 'text'::regtype then '%I collate "C"' else '%I' end, attname), ', ' order by array_position(key, attname::text)) filter (where attname = any (key)),
         array_agg(attname::text order by attnum) filter (where attname <> all (key))
  into columns, definitions, ordered, fields
  from pg_catalog.pg_attribute
  where attrelid = target and attnum > 0 and not attisdropped and not atthasdef
    and attname not in ('project_id', 'merge_state')
    and attname <> 'own' and not (priced and attname in ('cost', 'price_id', 'repeat_of'));

  select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ') into key_definitions
  from pg_catalog.pg_attribute where attrelid = target and attname = any (key);

  timed := exists (
    select from pg_catalog.pg_attribute where attrelid = target and attname = 'merge_state' and not attisdropped);
  if timed then
    assigned := array_to_string(fields || array['merge_state'], ', ');
    merged := format(
      'select %s from jsonb_populate_record(null::%s, agensight_private.merge(to_jsonb(x), to_jsonb(excluded), %L::text[])) m',
      (select string_agg(format('m.%I', f), ', ' order by n) from unnest(fields || array['merge_state']) with ordinality u(f, n)),
      target,
      array(select f from unnest(fields) f where f not in ('started_at', 'ended_at', 'status')));
    -- A message without new values writes no row.
    is_news := format('(%s) is distinct from (%s) or (x.merge_state is not null and num_nonnulls(%s) > 0)',
      (select string_agg(format('x.%I', f), ', ' order by n) from unnest(fields) with ordinality u(f, n)),
      (select string_agg(
         case f when 'started_at' then 'least(x.started_at, excluded.started_at)'
                when 'ended_at' then 'greatest(x.ended_at, excluded.ended_at)'
                when 'status' then 'agensight_private.strongest_status(x.status, excluded.status)'
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

  -- New rows come with their cost, by the prices of today and of the standard tier, where these do not
  -- depend on the hour: the triggers on completions read the span, and price calls again that had
  -- another price at that time or tier, or were merged.
  if priced then
    candidates := $candidates$with candidates as materialized (
          select m.provider, m.model, c.*
          from (select distinct provider, model from jsonb_to_recordset(records) as r(provider text, model text) where model is not null) m
          cross join lateral (
            select p.*, bool_or(p.daily_from is not null) over () as is_by_hour from agensight_private.price_candidates(project, m.provider, m.model) p
          ) c
          where c.service_tier = 'standard' and c.valid_from <= now() and c.valid_until > now() and not c.is_by_hour
        )$candidates$;
    pricing := 'cross join (select now() as started_at, null::text as service_tier) call ' || agensight_private.price_join();
  end if;
  insertion := format($insertion$
          %7$s
          insert into %1$s as x (project_id, %2$s%3$s)
          select project, %2$s%4$s from <records> %5$s
          <condition>order by %6$s$insertion$,
    target, columns, case when priced then ', cost, price_id' else '' end,
    case when priced then ', price.cost, case when price.cost is not null then price.id end' else '' end, pricing, ordered, candidates);
  upsert := format($upsert$
          on conflict (project_id, %s) do update set (%s) = (%s)
          where %s$upsert$, array_to_string(key, ', '), assigned, merged, is_news);

  execute format($function$
    create or replace function agensight_private.%1$I(project uuid, records jsonb, known text[] default null) returns integer
      language plpgsql volatile security invoker set search_path = ''
    as $writer$
    declare
      is_new boolean := known = '{}';
      keys integer;
      copies integer;
    begin
      if coalesce(jsonb_array_length(records), 0) = 0 then
        return 0;
      end if;
      %2$s
      begin
        if is_new then
          %3$s;
        else
          %3$s
          %4$s;
        end if;
        -- Inferred records are last, so the last one shows whether there are any.
        return case when records -> -1 ? 'inferred'
          then (select count(*) from jsonb_to_recordset(records) as r(inferred boolean) where inferred is null)
          else jsonb_array_length(records) end;
      exception when cardinality_violation or unique_violation then
        select count(*) filter (where sent), max(n) into keys, copies
        from (
          select count(*) as n, bool_or(inferred is null) as sent
          from jsonb_to_recordset(records) as r(%5$s, inferred boolean) group by %6$s
        ) k;
      end;
      for round in 1 .. copies loop
        %7$s
        %4$s;
      end loop;
      return keys;
    end $writer$ $function$,
    writer,
    -- A trace that is not known has no rows.
    case when 'trace_id' = any (key) then format($known$if not is_new then
        is_new := (
          select true from jsonb_to_recordset(records) as r(%s)
          where (r.trace_id in (select unnest(known))) is true and (select true from %s t where t.project_id = project and %s) limit 1) is null;
      end if;$known$, key_definitions, target,
      (select string_agg(format('t.%1$I = r.%1$I', k), ' and ' order by n) from unnest(key) with ordinality u(k, n))) else '' end,
    replace(replace(insertion, '<records>', format('jsonb_to_recordset(records) as r(%s)', definitions)), '<condition>', ''),
    upsert, key_definitions, array_to_string(key, ', '),
    replace(replace(insertion, '<records>', format(
      '(select r.*, row_number() over (partition by %s) as n from jsonb_to_recordset(records) as r(%s)) r',
      array_to_string(key, ', '), definitions)), '<condition>', 'where n = round '));
  execute format('revoke all on function agensight_private.%I(uuid, jsonb, text[]) from public, anon, authenticated, service_role', writer);
  execute format('comment on function agensight_private.%I(uuid, jsonb, text[]) is %L', writer,
    'Writes records of one kind, merging them with what is stored: of the traces in known, at most; null for any. Made by agensight_private.build_writer().');
end $build$;
comment on function agensight_private.build_writer(regclass, text[]) is
  'Makes or remakes the writer of one of the six tables from its columns. To be called after every change of a table''s columns.';

select agensight_private.build_writer('agensight.sessions', array['id']);
select agensight_private.build_writer('agensight.traces', array['id']);
select agensight_private.build_writer('agensight.spans', array['trace_id', 'id']);
select agensight_private.build_writer('agensight.completions', array['trace_id', 'span_id', 'completion_index']);
select agensight_private.build_writer('agensight.tools', array['trace_id', 'id']);
