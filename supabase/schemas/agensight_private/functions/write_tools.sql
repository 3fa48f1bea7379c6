CREATE OR REPLACE FUNCTION agensight_private.write_tools (
  project uuid,
  records jsonb,
  known   text[] DEFAULT NULL::text[]
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
    declare
      is_new boolean := known = '{}';
      keys integer;
      copies integer;
    begin
      if coalesce(jsonb_array_length(records), 0) = 0 then
        return 0;
      end if;
      if not is_new then
        is_new := (
          select true from jsonb_to_recordset(records) as r(id text, trace_id text)
          where (r.trace_id in (select unnest(known))) is true and (select true from agensight.tools t where t.project_id = project and t.trace_id = r.trace_id and t.id = r.id) limit 1) is null;
      end if;
      begin
        if is_new then
          
          
          insert into agensight.tools as x (project_id, trace_id, id, span_id, run_span_id, name, arguments, output, status, error, started_at, ended_at)
          select project, trace_id, id, span_id, run_span_id, name, arguments, output, status, error, started_at, ended_at from jsonb_to_recordset(records) as r(trace_id text, id text, span_id text, run_span_id text, name text, arguments jsonb, output jsonb, status text, error jsonb, started_at timestamp with time zone, ended_at timestamp with time zone) 
          order by trace_id collate "C", id collate "C";
        else
          
          
          insert into agensight.tools as x (project_id, trace_id, id, span_id, run_span_id, name, arguments, output, status, error, started_at, ended_at)
          select project, trace_id, id, span_id, run_span_id, name, arguments, output, status, error, started_at, ended_at from jsonb_to_recordset(records) as r(trace_id text, id text, span_id text, run_span_id text, name text, arguments jsonb, output jsonb, status text, error jsonb, started_at timestamp with time zone, ended_at timestamp with time zone) 
          order by trace_id collate "C", id collate "C"
          
          on conflict (project_id, trace_id, id) do update set (span_id, run_span_id, name, arguments, output, status, error, started_at, ended_at, merge_state) = (select m.span_id, m.run_span_id, m.name, m.arguments, m.output, m.status, m.error, m.started_at, m.ended_at, m.merge_state from jsonb_populate_record(null::agensight.tools, agensight_private.merge(to_jsonb(x), to_jsonb(excluded), '{span_id,run_span_id,name,arguments,output,error}'::text[])) m)
          where (x.span_id, x.run_span_id, x.name, x.arguments, x.output, x.status, x.error, x.started_at, x.ended_at) is distinct from (coalesce(excluded.span_id, x.span_id), coalesce(excluded.run_span_id, x.run_span_id), coalesce(excluded.name, x.name), coalesce(excluded.arguments, x.arguments), coalesce(excluded.output, x.output), agensight_private.strongest_status(x.status, excluded.status), coalesce(excluded.error, x.error), least(x.started_at, excluded.started_at), greatest(x.ended_at, excluded.ended_at)) or (x.merge_state is not null and num_nonnulls(excluded.span_id, excluded.run_span_id, excluded.name, excluded.arguments, excluded.output, excluded.error) > 0);
        end if;
        -- Inferred records are last, so the last one shows whether there are any.
        return case when records -> -1 ? 'inferred'
          then (select count(*) from jsonb_to_recordset(records) as r(inferred boolean) where inferred is null)
          else jsonb_array_length(records) end;
      exception when cardinality_violation or unique_violation then
        select count(*) filter (where sent), max(n) into keys, copies
        from (
          select count(*) as n, bool_or(inferred is null) as sent
          from jsonb_to_recordset(records) as r(id text, trace_id text, inferred boolean) group by trace_id, id
        ) k;
      end;
      for round in 1 .. copies loop
        
          
          insert into agensight.tools as x (project_id, trace_id, id, span_id, run_span_id, name, arguments, output, status, error, started_at, ended_at)
          select project, trace_id, id, span_id, run_span_id, name, arguments, output, status, error, started_at, ended_at from (select r.*, row_number() over (partition by trace_id, id) as n from jsonb_to_recordset(records) as r(trace_id text, id text, span_id text, run_span_id text, name text, arguments jsonb, output jsonb, status text, error jsonb, started_at timestamp with time zone, ended_at timestamp with time zone)) r 
          where n = round order by trace_id collate "C", id collate "C"
        
          on conflict (project_id, trace_id, id) do update set (span_id, run_span_id, name, arguments, output, status, error, started_at, ended_at, merge_state) = (select m.span_id, m.run_span_id, m.name, m.arguments, m.output, m.status, m.error, m.started_at, m.ended_at, m.merge_state from jsonb_populate_record(null::agensight.tools, agensight_private.merge(to_jsonb(x), to_jsonb(excluded), '{span_id,run_span_id,name,arguments,output,error}'::text[])) m)
          where (x.span_id, x.run_span_id, x.name, x.arguments, x.output, x.status, x.error, x.started_at, x.ended_at) is distinct from (coalesce(excluded.span_id, x.span_id), coalesce(excluded.run_span_id, x.run_span_id), coalesce(excluded.name, x.name), coalesce(excluded.arguments, x.arguments), coalesce(excluded.output, x.output), agensight_private.strongest_status(x.status, excluded.status), coalesce(excluded.error, x.error), least(x.started_at, excluded.started_at), greatest(x.ended_at, excluded.ended_at)) or (x.merge_state is not null and num_nonnulls(excluded.span_id, excluded.run_span_id, excluded.name, excluded.arguments, excluded.output, excluded.error) > 0);
      end loop;
      return keys;
    end $function$;

COMMENT ON FUNCTION "agensight_private"."write_tools"(uuid, jsonb, text[]) IS 'Writes records of one kind, merging them with what is stored: of the traces in known, at most; null for any. Made by agensight_private.build_writer().';

REVOKE ALL ON FUNCTION "agensight_private"."write_tools"(uuid, jsonb, text[]) FROM PUBLIC;
