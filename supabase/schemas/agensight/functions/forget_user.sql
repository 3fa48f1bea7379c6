CREATE OR REPLACE FUNCTION agensight.forget_user (
  user_id    text,
  in_project uuid DEFAULT NULL::uuid
)
  RETURNS TABLE (
    id         uuid,
    project_id uuid,
    done       boolean,
    deleted    jsonb
  )
  LANGUAGE sql
  SET search_path TO ''
  AS $function$ select * from agensight_private.forget_user($1, $2) $function$;

GRANT EXECUTE ON FUNCTION "agensight"."forget_user"(text, uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight"."forget_user"(text, uuid) IS 'Deletes the traces and sessions of an end user with all their parts, in one project or in all that the caller owns (for the service role: all there are). Returns a receipt per project: its id, whether all is done (maintain() does the rest) and the rows deleted by table. For owners and the service role.';

REVOKE ALL ON FUNCTION "agensight"."forget_user"(text, uuid) FROM PUBLIC;
