CREATE OR REPLACE FUNCTION agensight.arrival (
  agensight .traces
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select case
    when $1.started_at is null then null
    when $1.started_at > $1.received_at + interval '5 minutes' then 'ahead'
    when $1.started_at < '2020-01-01 00:00:00+00' then 'reset'
    when coalesce($1.ended_at, $1.started_at) < $1.received_at - interval '1 day' then 'late'
    else 'on time' end
$function$;

GRANT EXECUTE ON FUNCTION "agensight"."arrival"(agensight.traces) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."arrival"(agensight.traces) IS 'How the times of a trace agree with when it was received: on time; late, over a day after it ended, or from a slow clock; ahead, a clock over 5 minutes fast; reset, a clock that begins before 2020. Null without a start.';

REVOKE ALL ON FUNCTION "agensight"."arrival"(agensight.traces) FROM PUBLIC;
