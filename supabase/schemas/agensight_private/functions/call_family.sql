CREATE OR REPLACE FUNCTION agensight_private.call_family (
  project uuid,
  trace   text,
  members text[]
)
  RETURNS TABLE (
    id          text,
    parent_id   text,
    is_call     boolean,
    started_at  timestamp with time zone,
    ended_at    timestamp with time zone,
    model       text,
    response_id text,
    prompt      bigint,
    completion  bigint,
    total       bigint
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  SET enable_hashjoin TO 'off'
  SET enable_mergejoin TO 'off'
  AS $function$
begin
  return query
  with recursive up(id) as (
    select unnest(members) collate "C"
    union
    select p.id
    from up
    join agensight.spans s on s.project_id = project and s.trace_id = trace and s.id = up.id and s.kind = 'llm'
    join agensight.spans p on p.project_id = project and p.trace_id = trace and p.id = s.parent_id and p.kind = 'llm'
    join agensight.completions c on c.project_id = project and c.trace_id = trace and c.span_id = p.id and c.completion_index = 0
  ), down(id) as (
    select up.id from up
    union
    select s.id
    from down
    join agensight.spans s on s.project_id = project and s.trace_id = trace and s.parent_id = down.id and s.kind = 'llm'
    join agensight.completions c on c.project_id = project and c.trace_id = trace and c.span_id = s.id and c.completion_index = 0
  )
  select down.id, s.parent_id, s.id is not null and c.span_id is not null, s.started_at, s.ended_at, c.model, c.response_id,
         c.prompt_tokens, c.completion_tokens, coalesce(c.total_tokens, c.prompt_tokens + c.completion_tokens, 0)
  from down
  left join agensight.spans s on s.project_id = project and s.trace_id = trace and s.id = down.id and s.kind = 'llm'
  left join agensight.completions c on c.project_id = project and c.trace_id = trace and c.span_id = down.id and c.completion_index = 0;
end $function$;

COMMENT ON FUNCTION "agensight_private"."call_family"(uuid, text, text[]) IS 'These spans, and all calls of the trace above or below them without a gap, with the columns that they are compared by.';

REVOKE ALL ON FUNCTION "agensight_private"."call_family"(uuid, text, text[]) FROM PUBLIC;
