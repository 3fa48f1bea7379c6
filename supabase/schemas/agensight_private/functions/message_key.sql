CREATE OR REPLACE FUNCTION agensight_private.message_key (
  role         text,
  content      text,
  parts        jsonb,
  tool_call_id text
)
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select left(md5(concat_ws('|',
    case role when 'model' then 'assistant' when 'developer' then 'system' else role end,
    coalesce(
      nullif(btrim(content, E' \n\t\r'), ''),
      (select string_agg(p ->> 'id', ' ') from jsonb_array_elements(case jsonb_typeof(parts) when 'array' then parts end) p),
      parts::text, ''),
    tool_call_id)), 16)
$function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."message_key"(text, text, jsonb, text) TO "anon", "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."message_key"(text, text, jsonb, text) IS 'Equal for an answer and for the same answer when the next request repeats it.';

REVOKE ALL ON FUNCTION "agensight_private"."message_key"(text, text, jsonb, text) FROM PUBLIC;
