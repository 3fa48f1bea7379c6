CREATE OR REPLACE FUNCTION agensight_private.members (
  project uuid
)
  RETURNS TABLE (
    user_id    uuid,
    email      text,
    role       text,
    created_at timestamp with time zone
  )
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if agensight_private.is_operator() or project in (select agensight_private.my_projects()) then
    return query
      select m.user_id, u.email::text, m.role, m.created_at
      from agensight.project_members m join auth.users u on u.id = m.user_id
      where m.project_id = project
      order by m.created_at, m.user_id;
  end if;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."members"(uuid) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."members"(uuid) IS 'The inner step of agensight.members(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."members"(uuid) FROM PUBLIC;
