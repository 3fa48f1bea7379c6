CREATE OR REPLACE FUNCTION agensight_private.write_traces (
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
      
      begin
        if is_new then
          
          
          insert into agensight.traces as x (project_id, id, session_id, user_id, name, service_name, release, mode, started_at, ended_at, status, error, input, output, tags, metadata)
          select project, id, session_id, user_id, name, service_name, release, mode, started_at, ended_at, status, error, input, output, tags, metadata from jsonb_to_recordset(records) as r(id text, session_id text, user_id text, name text, service_name text, release text, mode text, started_at timestamp with time zone, ended_at timestamp with time zone, status text, error jsonb, input jsonb, output jsonb, tags text[], metadata jsonb) 
          order by id collate "C";
        else
          
          
          insert into agensight.traces as x (project_id, id, session_id, user_id, name, service_name, release, mode, started_at, ended_at, status, error, input, output, tags, metadata)
          select project, id, session_id, user_id, name, service_name, release, mode, started_at, ended_at, status, error, input, output, tags, metadata from jsonb_to_recordset(records) as r(id text, session_id text, user_id text, name text, service_name text, release text, mode text, started_at timestamp with time zone, ended_at timestamp with time zone, status text, error jsonb, input jsonb, output jsonb, tags text[], metadata jsonb) 
          order by id collate "C"
          
          on conflict (project_id, id) do update set (session_id, user_id, name, service_name, release, mode, started_at, ended_at, status, error, input, output, tags, metadata, merge_state) = (select m.session_id, m.user_id, m.name, m.service_name, m.release, m.mode, m.started_at, m.ended_at, m.status, m.error, m.input, m.output, m.tags, m.metadata, m.merge_state from jsonb_populate_record(null::agensight.traces, agensight_private.merge(to_jsonb(x), to_jsonb(excluded), '{session_id,user_id,name,service_name,release,mode,error,input,output,tags,metadata}'::text[])) m)
          where (x.session_id, x.user_id, x.name, x.service_name, x.release, x.mode, x.started_at, x.ended_at, x.status, x.error, x.input, x.output, x.tags, x.metadata) is distinct from (coalesce(excluded.session_id, x.session_id), coalesce(excluded.user_id, x.user_id), coalesce(excluded.name, x.name), coalesce(excluded.service_name, x.service_name), coalesce(excluded.release, x.release), coalesce(excluded.mode, x.mode), least(x.started_at, excluded.started_at), greatest(x.ended_at, excluded.ended_at), agensight_private.strongest_status(x.status, excluded.status), coalesce(excluded.error, x.error), coalesce(excluded.input, x.input), coalesce(excluded.output, x.output), coalesce(excluded.tags, x.tags), coalesce(excluded.metadata, x.metadata)) or (x.merge_state is not null and num_nonnulls(excluded.session_id, excluded.user_id, excluded.name, excluded.service_name, excluded.release, excluded.mode, excluded.error, excluded.input, excluded.output, excluded.tags, excluded.metadata) > 0);
        end if;
        -- Inferred records are last, so the last one shows whether there are any.
        return case when records -> -1 ? 'inferred'
          then (select count(*) from jsonb_to_recordset(records) as r(inferred boolean) where inferred is null)
          else jsonb_array_length(records) end;
      exception when cardinality_violation or unique_violation then
        select count(*) filter (where sent), max(n) into keys, copies
        from (
          select count(*) as n, bool_or(inferred is null) as sent
          from jsonb_to_recordset(records) as r(id text, inferred boolean) group by id
        ) k;
      end;
      for round in 1 .. copies loop
        
          
          insert into agensight.traces as x (project_id, id, session_id, user_id, name, service_name, release, mode, started_at, ended_at, status, error, input, output, tags, metadata)
          select project, id, session_id, user_id, name, service_name, release, mode, started_at, ended_at, status, error, input, output, tags, metadata from (select r.*, row_number() over (partition by id) as n from jsonb_to_recordset(records) as r(id text, session_id text, user_id text, name text, service_name text, release text, mode text, started_at timestamp with time zone, ended_at timestamp with time zone, status text, error jsonb, input jsonb, output jsonb, tags text[], metadata jsonb)) r 
          where n = round order by id collate "C"
        
          on conflict (project_id, id) do update set (session_id, user_id, name, service_name, release, mode, started_at, ended_at, status, error, input, output, tags, metadata, merge_state) = (select m.session_id, m.user_id, m.name, m.service_name, m.release, m.mode, m.started_at, m.ended_at, m.status, m.error, m.input, m.output, m.tags, m.metadata, m.merge_state from jsonb_populate_record(null::agensight.traces, agensight_private.merge(to_jsonb(x), to_jsonb(excluded), '{session_id,user_id,name,service_name,release,mode,error,input,output,tags,metadata}'::text[])) m)
          where (x.session_id, x.user_id, x.name, x.service_name, x.release, x.mode, x.started_at, x.ended_at, x.status, x.error, x.input, x.output, x.tags, x.metadata) is distinct from (coalesce(excluded.session_id, x.session_id), coalesce(excluded.user_id, x.user_id), coalesce(excluded.name, x.name), coalesce(excluded.service_name, x.service_name), coalesce(excluded.release, x.release), coalesce(excluded.mode, x.mode), least(x.started_at, excluded.started_at), greatest(x.ended_at, excluded.ended_at), agensight_private.strongest_status(x.status, excluded.status), coalesce(excluded.error, x.error), coalesce(excluded.input, x.input), coalesce(excluded.output, x.output), coalesce(excluded.tags, x.tags), coalesce(excluded.metadata, x.metadata)) or (x.merge_state is not null and num_nonnulls(excluded.session_id, excluded.user_id, excluded.name, excluded.service_name, excluded.release, excluded.mode, excluded.error, excluded.input, excluded.output, excluded.tags, excluded.metadata) > 0);
      end loop;
      return keys;
    end $function$;

COMMENT ON FUNCTION "agensight_private"."write_traces"(uuid, jsonb, text[]) IS 'Writes records of one kind, merging them with what is stored: of the traces in known, at most; null for any. Made by agensight_private.build_writer().';

REVOKE ALL ON FUNCTION "agensight_private"."write_traces"(uuid, jsonb, text[]) FROM PUBLIC;
