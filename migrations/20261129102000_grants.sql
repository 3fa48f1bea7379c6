-- Who may do what: every privilege on every object of the baseline, in one place.
--
-- Whatever default privileges are in force, all of them are revoked first, and then each role gets the
-- ones it needs. A later migration does the same for the objects that it adds. Policies decide which
-- rows a role sees; tests/sql/matrix.test.ts and house-rules.test.ts compare the outcome with this list.
--
--   anon           a machine with a read token (see token_project()); without one it finds no row
--   authenticated  a signed-in user, who reads the projects that they are a member of
--   service_role   the functions on AWS, and the operator

revoke all on schema agensight, agensight_private from public, anon, authenticated, service_role;
revoke all on all tables in schema agensight, agensight_private from public, anon, authenticated, service_role;
revoke all on all sequences in schema agensight, agensight_private from public, anon, authenticated, service_role;
revoke all on all functions in schema agensight, agensight_private from public, anon, authenticated, service_role;

grant usage on schema agensight, agensight_private to anon, authenticated, service_role;

-- Tables and views ---------------------------------------------------------------------------------

-- What a viewer reads, a read token opens too: everything but who the members are and what they manage.
grant select on
  agensight.projects, agensight.sessions, agensight.traces, agensight.spans, agensight.message_lists, agensight.prompts,
  agensight.completions, agensight.tools, agensight.receipts, agensight.prices, agensight.unpriced_models, agensight.trace_summary,
  agensight.session_summary, agensight.llm_calls, agensight.errors, agensight.late_traces, agensight_private.days, agensight.daily_usage,
  agensight.tool_usage, agensight.slow_spans, agensight.delivery_gaps
  to anon, authenticated, service_role;
grant select on agensight_private.migrations, agensight_private.totals to service_role;
grant select on agensight.project_members, agensight.tokens, agensight.invitations, agensight.erasures to authenticated, service_role;

-- The views over these tables run with the rights of their reader. Hashes of credentials, and the id of
-- an end user who is being erased, are readable by no role of the API.
grant select (id, project_id, prefix, name, scopes, created_by, created_at, expires_at, revoked_at, last_used_at)
  on agensight_private.tokens to authenticated, service_role;
grant select (id, project_id, role, email, created_by, created_at, expires_at, accepted_by, accepted_at)
  on agensight_private.invitations to authenticated, service_role;
grant select (id, project_id, user_hash, requested_by, requested_at, finished_at, deleted)
  on agensight_private.erasures to authenticated, service_role;

-- No delete on projects: a project whose row is deleted by hand would leave its records behind.
grant insert, update on agensight.projects to service_role;
grant insert, update, delete on
  agensight.project_members, agensight.sessions, agensight.traces, agensight.spans, agensight.message_lists, agensight.completions,
  agensight.tools, agensight.receipts, agensight.prices
  to service_role;

-- Functions ----------------------------------------------------------------------------------------

-- That read.
grant execute on function
  agensight.traces(agensight.sessions), agensight.session(agensight.traces), agensight.spans(agensight.traces), agensight.prompts(agensight.traces),
  agensight.completions(agensight.traces), agensight.tools(agensight.traces), agensight.trace(agensight.spans), agensight.parent(agensight.spans),
  agensight.children(agensight.spans), agensight.prompts(agensight.spans), agensight.completions(agensight.spans), agensight.tools(agensight.spans),
  agensight.span(agensight.prompts), agensight.span(agensight.completions), agensight.span(agensight.tools), agensight.summary(agensight.traces),
  agensight.session(agensight.trace_summary), agensight.spans(agensight.trace_summary), agensight.traces(agensight.session_summary),
  agensight.trace(agensight.llm_calls), agensight.prompts(agensight.llm_calls), agensight.tools(agensight.llm_calls),
  agensight.trace(agensight.errors), agensight.arrival(agensight.traces),
  agensight.session_thread(uuid, text, integer), agensight_private.thread_calls(uuid, text, integer),
  agensight_private.message_key(text, text, jsonb, text), agensight_private.count_known(text, text[]),
  agensight.search_traces(
    uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamptz, timestamptz, integer, text),
  agensight_private.is_operator()
  to anon, authenticated, service_role;
-- It decides itself which projects the caller may search.
grant execute on function agensight_private.find_traces(
    uuid, text, text, text, text, jsonb, text, text, text, double precision, numeric, timestamptz, timestamptz, integer, text)
  to authenticated, service_role;
grant execute on function agensight.members(uuid), agensight_private.members(uuid) to authenticated, service_role;

-- That policies ask.
grant execute on function agensight_private.my_projects(), agensight_private.my_managed_projects(), agensight_private.my_owned_projects()
  to authenticated, service_role;
grant execute on function agensight_private.my_topics() to authenticated;
grant execute on function agensight_private.token_project(), agensight.current_token(), agensight_private.current_token() to anon;

-- That manage a project. Each checks that its caller may.
grant execute on function
  agensight_private.require_manager(uuid), agensight_private.require_owner(uuid),
  agensight.create_project(text), agensight_private.create_project(text), agensight.rename_project(uuid, text), agensight_private.rename_project(uuid, text),
  agensight.set_retention(uuid, integer), agensight_private.set_retention(uuid, integer), agensight.delete_project(uuid), agensight_private.delete_project(uuid),
  agensight.set_member_role(uuid, uuid, text), agensight_private.set_member_role(uuid, uuid, text),
  agensight.remove_member(uuid, uuid), agensight_private.remove_member(uuid, uuid),
  agensight.create_invitation(uuid, text, text, interval), agensight_private.create_invitation(uuid, text, text, interval),
  agensight.accept_invitation(text), agensight_private.accept_invitation(text),
  agensight.revoke_invitation(uuid), agensight_private.revoke_invitation(uuid),
  agensight.create_token(uuid, text, text[], timestamptz), agensight_private.create_token(uuid, text, text[], timestamptz),
  agensight.revoke_token(uuid), agensight_private.revoke_token(uuid, timestamptz),
  agensight.rotate_token(uuid, interval), agensight_private.rotate_token(uuid, interval),
  agensight.forget_user(text, uuid), agensight_private.forget_user(text, uuid),
  agensight.set_price(uuid, text, numeric, numeric, numeric, numeric, text, text, bigint, timestamptz),
  agensight_private.set_price(uuid, text, text, text, bigint, timestamptz, numeric, numeric, numeric, numeric)
  to authenticated, service_role;

-- Of the ingest, drain and maintenance functions, and of operators.
grant execute on function
  agensight.authenticate(text), agensight.schema_version(), agensight.ingest(text, jsonb), agensight.ingest_by_span(text, jsonb),
  agensight.ingest_accepted(uuid, jsonb, timestamptz, boolean), agensight.maintain(integer), agensight.index_traces(integer),
  agensight.reprice(timestamptz, timestamptz, uuid, integer), agensight.audit_totals(uuid), agensight.repair_totals(uuid)
  to service_role;
