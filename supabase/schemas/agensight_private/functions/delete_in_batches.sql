CREATE OR REPLACE FUNCTION agensight_private.delete_in_batches (
  from_and_where text,
  project        uuid,
  before         timestamp with time zone,
  deadline       timestamp with time zone
)
  RETURNS bigint
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  deleted bigint;
  total bigint := 0;
begin
  loop
    execute format(
      'delete from %1$s where ctid = any (array(select x.ctid from %2$s limit 1000 for update of x skip locked))',
      split_part(from_and_where, ' ', 1), from_and_where)
    using project, before;
    get diagnostics deleted = row_count;
    total := total + deleted;
    exit when deleted < 1000 or clock_timestamp() > deadline;
  end loop;
  return total;
end $function$;

COMMENT ON FUNCTION "agensight_private"."delete_in_batches"(text, uuid, timestamp with time zone, timestamp with time zone) IS 'Deletes rows of "table x where ...", in which $1 is the project and $2 a moment, a thousand at a time until the deadline.';

REVOKE ALL ON FUNCTION "agensight_private"."delete_in_batches"(text, uuid, timestamp WITH time zone, timestamp WITH time zone) FROM PUBLIC;
