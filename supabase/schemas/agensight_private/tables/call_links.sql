CREATE TABLE "agensight_private"."call_links" (
  "project_id"        uuid                     NOT NULL,
  "trace_id"          text                     COLLATE pg_catalog."C" NOT NULL,
  "span_id"           text                     COLLATE pg_catalog."C" NOT NULL,
  "above"             text                     COLLATE pg_catalog."C" NOT NULL,
  "is_open"           boolean                  NOT NULL,
  "relation"          text,
  "started_at"        timestamp with time zone,
  "prompt_tokens"     bigint,
  "completion_tokens" bigint,
  "total_tokens"      bigint,
  CONSTRAINT "call_links_pkey" PRIMARY KEY (project_id, trace_id, span_id),
  CONSTRAINT "call_links_relation_check" CHECK ((relation = ANY (ARRAY['same'::text, 'part'::text])))
);

ALTER TABLE "agensight_private"."call_links"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "agensight_private"."call_links"
  SET (autovacuum_vacuum_scale_factor=0.05, fillfactor=85);

CREATE POLICY "the service role reads the links of calls" ON "agensight_private"."call_links"
  FOR SELECT
  TO "service_role"
  USING (true);

CREATE INDEX call_links_by_above ON agensight_private.call_links USING btree (agensight_private.place_key(trace_id, above));

COMMENT ON COLUMN "agensight_private"."call_links"."above" IS 'The span of the next call above it; where is_open, the span that is missing on the way up.';

COMMENT ON COLUMN "agensight_private"."call_links"."completion_tokens" IS 'The usage that its own span reported.';

COMMENT ON COLUMN "agensight_private"."call_links"."is_open" IS 'Whether the way up is not known yet.';

COMMENT ON COLUMN "agensight_private"."call_links"."project_id" IS 'The project.';

COMMENT ON COLUMN "agensight_private"."call_links"."prompt_tokens" IS 'The usage that its own span reported.';

COMMENT ON COLUMN "agensight_private"."call_links"."relation" IS 'same: both spans report one call. part: the outer span reports the sum of several calls, of which this is the first. Null: two calls.';

COMMENT ON COLUMN "agensight_private"."call_links"."span_id" IS 'The span of the inner call.';

COMMENT ON COLUMN "agensight_private"."call_links"."started_at" IS 'When the inner call began.';

COMMENT ON COLUMN "agensight_private"."call_links"."total_tokens" IS 'The usage that its own span reported; 0 for none.';

COMMENT ON COLUMN "agensight_private"."call_links"."trace_id" IS 'The trace.';

COMMENT ON TABLE "agensight_private"."call_links" IS 'One row per call of a model below another call. Written only by ingest().';
