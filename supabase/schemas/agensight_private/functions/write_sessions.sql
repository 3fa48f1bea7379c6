CREATE OR REPLACE FUNCTION agensight_private.write_sessions (
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
          
          
          insert into agensight.sessions as x (project_id, id, name, user_id, metadata, mode, started_at, ended_at)
          select project, id, name, user_id, metadata, mode, started_at, ended_at from jsonb_to_recordset(records) as r(id text, name text, user_id text, metadata jsonb, mode text, started_at timestamp with time zone, ended_at timestamp with time zone) 
          order by id collate "C";
        else
          
          
          insert into agensight.sessions as x (project_id, id, name, user_id, metadata, mode, started_at, ended_at)
          select project, id, name, user_id, metadata, mode, started_at, ended_at from jsonb_to_recordset(records) as r(id text, name text, user_id text, metadata jsonb, mode text, started_at timestamp with time zone, ended_at timestamp with time zone) 
          order by id collate "C"
          
          on conflict (project_id, id) do update set (name, user_id, metadata, mode, started_at, ended_at, merge_state) = (select m.name, m.user_id, m.metadata, m.mode, m.started_at, m.ended_at, m.merge_state from jsonb_populate_record(null::agensight.sessions, agensight_private.merge(to_jsonb(x), to_jsonb(excluded), '{name,user_id,metadata,mode}'::text[])) m)
          where (x.name, x.user_id, x.metadata, x.mode, x.started_at, x.ended_at) is distinct from (coalesce(excluded.name, x.name), coalesce(excluded.user_id, x.user_id), coalesce(excluded.metadata, x.metadata), coalesce(excluded.mode, x.mode), least(x.started_at, excluded.started_at), greatest(x.ended_at, excluded.ended_at)) or (x.merge_state is not null and num_nonnulls(excluded.name, excluded.user_id, excluded.metadata, excluded.mode) > 0);
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
        
          
          insert into agensight.sessions as x (project_id, id, name, user_id, metadata, mode, started_at, ended_at)
          select project, id, name, user_id, metadata, mode, started_at, ended_at from (select r.*, row_number() over (partition by id) as n from jsonb_to_recordset(records) as r(id text, name text, user_id text, metadata jsonb, mode text, started_at timestamp with time zone, ended_at timestamp with time zone)) r 
          where n = round order by id collate "C"
        
          on conflict (project_id, id) do update set (name, user_id, metadata, mode, started_at, ended_at, merge_state) = (select m.name, m.user_id, m.metadata, m.mode, m.started_at, m.ended_at, m.merge_state from jsonb_populate_record(null::agensight.sessions, agensight_private.merge(to_jsonb(x), to_jsonb(excluded), '{name,user_id,metadata,mode}'::text[])) m)
          where (x.name, x.user_id, x.metadata, x.mode, x.started_at, x.ended_at) is distinct from (coalesce(excluded.name, x.name), coalesce(excluded.user_id, x.user_id), coalesce(excluded.metadata, x.metadata), coalesce(excluded.mode, x.mode), least(x.started_at, excluded.started_at), greatest(x.ended_at, excluded.ended_at)) or (x.merge_state is not null and num_nonnulls(excluded.name, excluded.user_id, excluded.metadata, excluded.mode) > 0);
      end loop;
      return keys;
    end $function$;

COMMENT ON FUNCTION "agensight_private"."write_sessions"(uuid, jsonb, text[]) IS 'Writes records of one kind, merging them with what is stored: of the traces in known, at most; null for any. Made by agensight_private.build_writer().';

REVOKE ALL ON FUNCTION "agensight_private"."write_sessions"(uuid, jsonb, text[]) FROM PUBLIC;
