CREATE TABLE "agensight_private"."traces_to_index" (
  "project_id" uuid                     NOT NULL,
  "trace_id"   text                     COLLATE pg_catalog."C" NOT NULL,
  "queued_at"  timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT "traces_to_index_pkey" PRIMARY KEY (project_id, trace_id)
);

ALTER TABLE "agensight_private"."traces_to_index"
  ENABLE ROW LEVEL SECURITY;

CREATE INDEX traces_to_index_by_time ON agensight_private.traces_to_index USING btree (queued_at);

CREATE POLICY "members may find their projects' new traces" ON "agensight_private"."traces_to_index"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

COMMENT ON COLUMN "agensight_private"."traces_to_index"."project_id" IS 'The project of the trace.';

COMMENT ON COLUMN "agensight_private"."traces_to_index"."queued_at" IS 'When it first changed.';

COMMENT ON COLUMN "agensight_private"."traces_to_index"."trace_id" IS 'The trace.';

COMMENT ON TABLE "agensight_private"."traces_to_index" IS 'The queue of index_traces(): traces that changed since they were indexed.';
