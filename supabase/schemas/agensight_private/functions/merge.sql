CREATE OR REPLACE FUNCTION agensight_private.merge (
  stored   jsonb,
  incoming jsonb,
  fields   text[]
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  running     constant bigint := -1;
  ended       timestamptz := greatest((stored ->> 'ended_at')::timestamptz, (incoming ->> 'ended_at')::timestamptz);
  ended_at    bigint := coalesce(agensight_private.to_micros(ended::text), running);
  new_at      bigint := coalesce(agensight_private.to_micros(incoming ->> 'ended_at'), running);
  -- merge_state maps a field to the age of its value; '' is the age of all fields not named, and
  -- without '' that is the row's own ended_at.
  state       jsonb  := nullif(stored -> 'merge_state', 'null');
  is_tool     constant boolean := stored ? 'run_span_id';
  common_at   bigint := coalesce((state ->> '')::bigint, agensight_private.to_micros(stored ->> 'ended_at'), running);
  merged      jsonb  := '{}';
  ages        jsonb  := '{}';
  newest      bigint := running;
  field       text;
  old_value   jsonb;
  new_value   jsonb;
  value_at    bigint;
  is_named    boolean;
  is_plain    boolean;
begin
  foreach field in array fields loop
    old_value := nullif(stored -> field, 'null');
    new_value := nullif(incoming -> field, 'null');
    value_at := coalesce((state ->> field)::bigint, case when is_tool and state is null then agensight_private.age_of(stored, field) else common_at end);
    if is_tool then
      new_at := agensight_private.age_of(incoming, field);
    end if;
    if old_value is null or (new_value is not null
        and (new_at > value_at or (new_at = value_at and new_value > old_value))) then
      old_value := new_value;
      value_at := new_at;
    elsif new_value = old_value then
      value_at := greatest(value_at, new_at);
    end if;
    if old_value is not null then
      merged := merged || jsonb_build_object(field, old_value);
      ages := ages || jsonb_build_object(field, value_at);
      newest := greatest(newest, value_at);
    end if;
  end loop;
  -- Without merge_state, each field of a tool is as old as age_of() says of the row.
  is_plain := is_tool and not exists (
    select from jsonb_each(ages) a
    where a.value <> to_jsonb(agensight_private.age_of(
      jsonb_build_object('run_span_id', null, 'ended_at', ended) || merged, a.key)));
  select coalesce(jsonb_object_agg(key, value), '{}') into ages
  from jsonb_each(ages) where value <> to_jsonb(newest) and not is_plain;
  is_named := state ? 'named_by' and (ages -> 'name' = '-2' or not merged ? 'name');
  if (case when is_named then merged - 'name' else merged end) <> '{}' and not is_plain
      and (newest <> ended_at or is_tool) then
    ages := ages || jsonb_build_object('', newest);
  end if;
  if is_named then
    ages := ages || jsonb_build_object('name', -2, 'named_by', state -> 'named_by');
  end if;
  return merged || jsonb_build_object(
    'started_at', least((stored ->> 'started_at')::timestamptz, (incoming ->> 'started_at')::timestamptz),
    'ended_at', ended,
    'status', agensight_private.strongest_status(stored ->> 'status', incoming ->> 'status'),
    'merge_state', nullif(ages, '{}'));
end $function$;

COMMENT ON FUNCTION "agensight_private"."merge"(jsonb, jsonb, text[]) IS 'Merges two messages about one row: fields, times, status and merge_state. Called on conflict only.';

REVOKE ALL ON FUNCTION "agensight_private"."merge"(jsonb, jsonb, text[]) FROM PUBLIC;
