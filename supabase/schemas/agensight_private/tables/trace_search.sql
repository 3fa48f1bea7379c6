CREATE TABLE "agensight_private"."trace_search" (
  "project_id"  uuid                     NOT NULL,
  "trace_id"    text                     COLLATE pg_catalog."C" NOT NULL,
  "started_at"  timestamp with time zone NOT NULL,
  "duration_ms" double precision,
  "cost"        numeric                  NOT NULL,
  "terms"       integer[]                NOT NULL,
  CONSTRAINT "trace_search_pkey" PRIMARY KEY (project_id, trace_id)
);

ALTER TABLE "agensight_private"."trace_search"
  ENABLE ROW LEVEL SECURITY;

CREATE INDEX trace_search_by_cost ON agensight_private.trace_search USING btree (project_id, COST DESC);

CREATE INDEX trace_search_by_duration ON agensight_private.trace_search USING btree (project_id, duration_ms DESC);

CREATE INDEX trace_search_by_start ON agensight_private.trace_search USING btree (project_id, started_at DESC, trace_id DESC);

CREATE INDEX trace_search_by_term ON agensight_private.trace_search USING gin (terms);

CREATE POLICY "members may find their projects' traces" ON "agensight_private"."trace_search"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

COMMENT ON COLUMN "agensight_private"."trace_search"."cost" IS 'Its total cost in USD.';

COMMENT ON COLUMN "agensight_private"."trace_search"."duration_ms" IS 'From its start to its end, in milliseconds; null while nothing has ended.';

COMMENT ON COLUMN "agensight_private"."trace_search"."project_id" IS 'The project of the trace.';

COMMENT ON COLUMN "agensight_private"."trace_search"."started_at" IS 'When it began; when it was received if it has no start.';

COMMENT ON COLUMN "agensight_private"."trace_search"."terms" IS 'Hashes of project, kind and value: words, user, session, tags, metadata, models, tools, errors.';

COMMENT ON COLUMN "agensight_private"."trace_search"."trace_id" IS 'The trace.';

COMMENT ON TABLE "agensight_private"."trace_search" IS 'One row per trace that index_traces() has read: what it can be found by.';
