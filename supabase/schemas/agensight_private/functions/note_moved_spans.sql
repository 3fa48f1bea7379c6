CREATE OR REPLACE FUNCTION agensight_private.note_moved_spans()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  noted constant text := current_setting('agensight.moved_traces', true);
  moved text[];
begin
  if noted <> '' then
    moved := array(
      select distinct c.trace_id
      from (
        select n.project_id, n.trace_id, n.id, n.parent_id, n.kind from new_rows n
        except
        select o.project_id, o.trace_id, o.id, o.parent_id, o.kind from old_rows o
      ) c);
    if moved <> '{}' then
      perform set_config('agensight.moved_traces', array_cat(noted::text[], moved)::text, true);
    end if;
  end if;
  return null;
end $function$;

COMMENT ON FUNCTION "agensight_private"."note_moved_spans"() IS 'Notes the traces in which a batch changes the parent or kind of a stored span: their calls are related anew.';

REVOKE ALL ON FUNCTION "agensight_private"."note_moved_spans"() FROM PUBLIC;
