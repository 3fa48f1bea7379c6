CREATE OR REPLACE FUNCTION agensight_private.take_off_calls (
  project uuid,
  records jsonb,
  known   text[]
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  SET enable_seqscan TO 'off'
  AS $function$
begin
  update agensight.completions c
  set (
    role, content, parts, finish_reason, model, provider, response_id,
    prompt_tokens, completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens,
    time_to_first_token_ms, own
  ) = (
    select
      r.role, r.content, r.parts, r.finish_reason, r.model, r.provider, r.response_id,
      r.prompt_tokens, r.completion_tokens, r.total_tokens, r.cached_tokens, r.cache_write_tokens, r.reasoning_tokens,
      r.time_to_first_token_ms, null::jsonb
    from jsonb_populate_record(c, c.own) r
  )
  from (
    select c.at
    from (
      select distinct r.trace_id collate "C" as trace_id, r.span_id collate "C" as span_id
      from jsonb_to_recordset(records) as r(trace_id text, span_id text)
      where r.trace_id in (select k.id from unnest(known) k(id))
    ) k
    cross join lateral (
      select c.ctid as at from agensight.completions c
      where c.project_id = project
        and c.trace_id = k.trace_id
        and c.span_id = k.span_id
        and c.own is not null
      offset 0
    ) c
  ) k
  where c.ctid = k.at;
end $function$;

COMMENT ON FUNCTION "agensight_private"."take_off_calls"(uuid, jsonb, text[]) IS 'Gives the rows that completions are about to be written to, in these known traces, back what their own spans reported.';

REVOKE ALL ON FUNCTION "agensight_private"."take_off_calls"(uuid, jsonb, text[]) FROM PUBLIC;
