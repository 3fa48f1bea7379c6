CREATE OR REPLACE FUNCTION agensight_private.enable_realtime()
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if to_regclass('realtime.messages') is null then
    return false;
  end if;
  if not exists (
      select from pg_catalog.pg_policy
      where polrelid = to_regclass('realtime.messages') and polname = 'members hear of their projects'' traces') then
    create policy "members hear of their projects' traces" on realtime.messages
      for select to authenticated
      using (extension = 'broadcast' and (select realtime.topic()) = any (array(select agensight_private.my_topics())));
  end if;
  return true;
end $function$;

COMMENT ON FUNCTION "agensight_private"."enable_realtime"() IS 'Lets members, and no other user, join the topic of their project, where Supabase Realtime is installed. Call it again if Realtime is installed after this migration; repeating it changes nothing.';

REVOKE ALL ON FUNCTION "agensight_private"."enable_realtime"() FROM PUBLIC;
