CREATE OR REPLACE FUNCTION agensight_private.create_project (
  project_name text
)
  RETURNS agensight.projects
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  most constant integer := 100;
  made agensight.projects;
begin
  if not agensight_private.is_operator() then
    if auth.uid() is null then
      raise exception 'Sign in to create a project.' using errcode = 'PT401';
    end if;
    -- One at a time for one user, or the count would miss concurrent calls.
    perform pg_advisory_xact_lock(hashtextextended('create_project ' || auth.uid(), 0));
    if (select count(*) from agensight_private.my_owned_projects()) >= most then
      raise exception 'You own % projects, which is the most.', most
        using errcode = 'PT409', hint = 'Delete one with delete_project(), or ask the operator.';
    end if;
  end if;
  insert into agensight.projects (name) values (project_name) returning * into made;
  if auth.uid() is not null then
    insert into agensight.project_members (project_id, user_id, role) values (made.id, auth.uid(), 'owner');
  end if;
  return made;
end $function$;

GRANT EXECUTE ON FUNCTION "agensight_private"."create_project"(text) TO "authenticated", "service_role";

COMMENT ON FUNCTION "agensight_private"."create_project"(text) IS 'The inner step of agensight.create_project(), which checks that the caller may.';

REVOKE ALL ON FUNCTION "agensight_private"."create_project"(text) FROM PUBLIC;
