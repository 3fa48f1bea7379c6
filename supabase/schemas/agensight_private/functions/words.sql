CREATE OR REPLACE FUNCTION agensight_private.words (
  body text
)
  RETURNS text[]
  LANGUAGE plpgsql
  IMMUTABLE
  STRICT
  SET search_path TO ''
  AS $function$
declare
  -- Ranges of code points rather than classes, which mean something else in each locale.
  others   constant text := '[\u0001-/:-@\[-`{-\u00BF\u2000-\u206F\u3000-\u303F\uFF00-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65]+';
  unspaced constant text := '[\u0E00-\u0EFF\u1000-\u109F\u2E80-\u2FFF\u3040-\uA4CF\uAC00-\uD7FF\uF900-\uFAFF]+';
begin
  body := lower(body);
  if body !~ unspaced then
    return array(select distinct left(w, 64) from regexp_split_to_table(body, others) w where w <> '');
  end if;
  -- In scripts without spaces between words, each character and each pair of neighbours is a word.
  return array(
    select distinct left(w, 64) from regexp_split_to_table(regexp_replace(body, unspaced, ' ', 'g'), others) w where w <> ''
    union
    select substr(run[1], n, size)
    from regexp_matches(body, unspaced, 'g') run, generate_series(1, length(run[1])) n, generate_series(1, 2) size
    where n + size - 1 <= length(run[1]));
end $function$;

COMMENT ON FUNCTION "agensight_private"."words"(text) IS 'The distinct words of a text in lower case, without punctuation, cut after 64 characters. In scripts without spaces between words, each character and each pair of neighbours.';

REVOKE ALL ON FUNCTION "agensight_private"."words"(text) FROM PUBLIC;
