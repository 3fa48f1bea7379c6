CREATE OR REPLACE FUNCTION agensight_private.write_prompts (
  project uuid,
  records jsonb,
  known   text[] DEFAULT NULL::text[]
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  SET plan_cache_mode TO 'force_generic_plan'
  SET enable_seqscan TO 'off'
  AS $function$
declare
  others agensight.message_lists[];
  call agensight.message_lists;
  written integer;
begin
  if coalesce(jsonb_array_length(records), 0) = 0 then
    return 0;
  end if;
  -- Nearly all calls in one statement: those of traces without repeated messages.
  with calls as materialized (
    select r.trace_id collate "C" as trace_id, r.span_id collate "C" as span_id,
      array_agg(hashtext(coalesce(r.content, r.parts::text, '')) order by r.place) as hashes,
      case when count(r.role) > 0 then array_agg(r.role order by r.place) end as roles,
      case when count(r.content) > 0 then array_agg(r.content order by r.place) end as contents,
      case when count(r.parts) > 0 then array_agg(r.parts order by r.place) end as parts,
      case when count(r.name) > 0 then array_agg(r.name order by r.place) end as names,
      case when count(r.tool_call_id) > 0 then array_agg(r.tool_call_id order by r.place) end as tool_call_ids,
      case when min(r.place) < 0 or max(r.place) >= count(*) or count(distinct r.place) < count(*)
        then array_agg(r.place order by r.place) end as indexes,
      count(distinct r.place) as size
    from (
      -- A missing index is as wrong as a negative one, which a check of the table refuses.
      select r.*, coalesce(r.message_index, -1) as place
      from jsonb_to_recordset(records) as r(trace_id text, span_id text, message_index integer,
        role text, content text, parts jsonb, name text, tool_call_id text)
    ) r
    group by r.trace_id collate "C", r.span_id collate "C"
  ), known as materialized (
    select c.trace_id
    from (
      select c.trace_id, array_agg(c.span_id) as span_ids, array_agg(h.hash) as hashes,
        count(distinct h.hash) < count(*) or bool_or(c.size < cardinality(c.hashes)) as repeats
      from calls c cross join lateral unnest(c.hashes) h(hash) group by c.trace_id
    ) c
    -- Not "exists": its plan may read the lists of all projects.
    where c.repeats or (known is null or c.trace_id in (select k.id from unnest(known) k(id))) and (
      select true from agensight.message_lists l
      where l.project_id = project and l.trace_id = c.trace_id and (l.span_id = any (c.span_ids) or l.hashes && c.hashes)
      limit 1)
  ), made as (
    insert into agensight.message_lists (project_id, trace_id, span_id, hashes, roles, contents, parts, names, tool_call_ids, indexes)
    select project, c.trace_id, c.span_id, c.hashes, c.roles, c.contents, c.parts, c.names, c.tool_call_ids, c.indexes
    from calls c where not exists (select from known k where k.trace_id = c.trace_id)
    order by c.trace_id, c.span_id
  )
  select (
      select array_agg(row(project, c.trace_id, c.span_id, c.hashes, c.roles, c.contents, c.parts, c.names, c.tool_call_ids,
        null, null, null, c.indexes)::agensight.message_lists order by c.trace_id, c.span_id)
      from calls c join known k on k.trace_id = c.trace_id),
    (select sum(c.size) from calls c)
  into others, written;
  if others is not null then
    foreach call in array others loop
      perform agensight_private.write_message_list(call);
    end loop;
  end if;
  return written;
end $function$;

COMMENT ON FUNCTION "agensight_private"."write_prompts"(uuid, jsonb, text[]) IS 'Writes prompt records, each message once per trace, merging them with what is stored: of the traces in known, at most; null for any. Returns how many records the list has, duplicates counted once. The traces must be locked.';

REVOKE ALL ON FUNCTION "agensight_private"."write_prompts"(uuid, jsonb, text[]) FROM PUBLIC;
