CREATE OR REPLACE FUNCTION agensight_private.write_spans (
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
          where (r.trace_id in (select unnest(known))) is true and (select true from agensight.spans t where t.project_id = project and t.trace_id = r.trace_id and t.id = r.id) limit 1) is null;
      end if;
      begin
        if is_new then
          
          
          insert into agensight.spans as x (project_id, trace_id, id, parent_id, name, kind, mode, status, error, started_at, ended_at, input, output, attributes, events)
          select project, trace_id, id, parent_id, name, kind, mode, status, error, started_at, ended_at, input, output, attributes, events from jsonb_to_recordset(records) as r(trace_id text, id text, parent_id text, name text, kind text, mode text, status text, error jsonb, started_at timestamp with time zone, ended_at timestamp with time zone, input jsonb, output jsonb, attributes jsonb, events jsonb) 
          order by trace_id collate "C", id collate "C";
        else
          
          
          insert into agensight.spans as x (project_id, trace_id, id, parent_id, name, kind, mode, status, error, started_at, ended_at, input, output, attributes, events)
          select project, trace_id, id, parent_id, name, kind, mode, status, error, started_at, ended_at, input, output, attributes, events from jsonb_to_recordset(records) as r(trace_id text, id text, parent_id text, name text, kind text, mode text, status text, error jsonb, started_at timestamp with time zone, ended_at timestamp with time zone, input jsonb, output jsonb, attributes jsonb, events jsonb) 
          order by trace_id collate "C", id collate "C"
          
          on conflict (project_id, trace_id, id) do update set (parent_id, name, kind, mode, status, error, started_at, ended_at, input, output, attributes, events, merge_state) = (select m.parent_id, m.name, m.kind, m.mode, m.status, m.error, m.started_at, m.ended_at, m.input, m.output, m.attributes, m.events, m.merge_state from jsonb_populate_record(null::agensight.spans, agensight_private.merge(to_jsonb(x), to_jsonb(excluded), '{parent_id,name,kind,mode,error,input,output,attributes,events}'::text[])) m)
          where (x.parent_id, x.name, x.kind, x.mode, x.status, x.error, x.started_at, x.ended_at, x.input, x.output, x.attributes, x.events) is distinct from (coalesce(excluded.parent_id, x.parent_id), coalesce(excluded.name, x.name), coalesce(excluded.kind, x.kind), coalesce(excluded.mode, x.mode), agensight_private.strongest_status(x.status, excluded.status), coalesce(excluded.error, x.error), least(x.started_at, excluded.started_at), greatest(x.ended_at, excluded.ended_at), coalesce(excluded.input, x.input), coalesce(excluded.output, x.output), coalesce(excluded.attributes, x.attributes), coalesce(excluded.events, x.events)) or (x.merge_state is not null and num_nonnulls(excluded.parent_id, excluded.name, excluded.kind, excluded.mode, excluded.error, excluded.input, excluded.output, excluded.attributes, excluded.events) > 0);
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
        
          
          insert into agensight.spans as x (project_id, trace_id, id, parent_id, name, kind, mode, status, error, started_at, ended_at, input, output, attributes, events)
          select project, trace_id, id, parent_id, name, kind, mode, status, error, started_at, ended_at, input, output, attributes, events from (select r.*, row_number() over (partition by trace_id, id) as n from jsonb_to_recordset(records) as r(trace_id text, id text, parent_id text, name text, kind text, mode text, status text, error jsonb, started_at timestamp with time zone, ended_at timestamp with time zone, input jsonb, output jsonb, attributes jsonb, events jsonb)) r 
          where n = round order by trace_id collate "C", id collate "C"
        
          on conflict (project_id, trace_id, id) do update set (parent_id, name, kind, mode, status, error, started_at, ended_at, input, output, attributes, events, merge_state) = (select m.parent_id, m.name, m.kind, m.mode, m.status, m.error, m.started_at, m.ended_at, m.input, m.output, m.attributes, m.events, m.merge_state from jsonb_populate_record(null::agensight.spans, agensight_private.merge(to_jsonb(x), to_jsonb(excluded), '{parent_id,name,kind,mode,error,input,output,attributes,events}'::text[])) m)
          where (x.parent_id, x.name, x.kind, x.mode, x.status, x.error, x.started_at, x.ended_at, x.input, x.output, x.attributes, x.events) is distinct from (coalesce(excluded.parent_id, x.parent_id), coalesce(excluded.name, x.name), coalesce(excluded.kind, x.kind), coalesce(excluded.mode, x.mode), agensight_private.strongest_status(x.status, excluded.status), coalesce(excluded.error, x.error), least(x.started_at, excluded.started_at), greatest(x.ended_at, excluded.ended_at), coalesce(excluded.input, x.input), coalesce(excluded.output, x.output), coalesce(excluded.attributes, x.attributes), coalesce(excluded.events, x.events)) or (x.merge_state is not null and num_nonnulls(excluded.parent_id, excluded.name, excluded.kind, excluded.mode, excluded.error, excluded.input, excluded.output, excluded.attributes, excluded.events) > 0);
      end loop;
      return keys;
    end $function$;

COMMENT ON FUNCTION "agensight_private"."write_spans"(uuid, jsonb, text[]) IS 'Writes records of one kind, merging them with what is stored: of the traces in known, at most; null for any. Made by agensight_private.build_writer().';

REVOKE ALL ON FUNCTION "agensight_private"."write_spans"(uuid, jsonb, text[]) FROM PUBLIC;
