CREATE TABLE "agensight_private"."tool_parts" (
  "project_id"  uuid                     NOT NULL,
  "trace_id"    text                     COLLATE pg_catalog."C" NOT NULL,
  "id"          text                     COLLATE pg_catalog."C" NOT NULL,
  "is_run"      boolean                  NOT NULL,
  "is_answer"   boolean                  NOT NULL,
  "run_span_id" text                     COLLATE pg_catalog."C",
  "name"        text,
  "arguments"   jsonb,
  "values_key"  bigint,
  "started_at"  timestamp with time zone,
  "ancestors"   text[]                   COLLATE pg_catalog."C" NOT NULL DEFAULT '{}'::text[],
  "steps"       integer                  NOT NULL DEFAULT 0,
  "missing"     text                     COLLATE pg_catalog."C",
  "around"      text                     COLLATE pg_catalog."C",
  "is_free"     boolean                  NOT NULL DEFAULT false,
  "mate"        text                     COLLATE pg_catalog."C",
  "is_loose"    boolean                  NOT NULL DEFAULT false,
  "twin_of"     text                     COLLATE pg_catalog."C",
  "home"        text                     COLLATE pg_catalog."C",
  "record"      jsonb,
  CONSTRAINT "tool_parts_pkey" PRIMARY KEY (project_id, trace_id, id)
);

ALTER TABLE "agensight_private"."tool_parts"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "agensight_private"."tool_parts"
  SET (autovacuum_vacuum_scale_factor=0.05);

CREATE POLICY "the service role reads the parts of tool calls" ON "agensight_private"."tool_parts"
  FOR SELECT
  TO "service_role"
  USING (true);

CREATE INDEX tool_parts_by_around ON agensight_private.tool_parts USING btree (agensight_private.place_key(trace_id, around))
  WHERE (around IS NOT NULL);

CREATE INDEX tool_parts_by_home ON agensight_private.tool_parts USING btree (agensight_private.place_key(trace_id, home))
  WHERE (home <> id);

CREATE INDEX tool_parts_by_missing ON agensight_private.tool_parts USING btree (agensight_private.place_key(trace_id, missing))
  WHERE (missing IS NOT NULL);

CREATE INDEX tool_parts_by_run ON agensight_private.tool_parts USING btree (agensight_private.place_key(trace_id, run_span_id))
  WHERE (run_span_id IS NOT NULL);

CREATE INDEX tool_parts_by_values ON agensight_private.tool_parts USING btree (agensight_private.place_key(trace_id, (values_key)::text), is_run, is_answer, started_at, id);

CREATE INDEX unjoined_tool_parts ON agensight_private.tool_parts USING btree (agensight_private.place_key(trace_id, name), is_run, id)
  WHERE (((mate IS NULL) OR is_loose) AND (NOT is_answer) AND (is_run OR (run_span_id IS NULL)));

COMMENT ON COLUMN "agensight_private"."tool_parts"."ancestors" IS 'The spans above the run, or, of a call without one, the requesting span and those above it; the nearest first.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."arguments" IS 'The arguments that were reported; {} for none.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."around" IS 'The part whose run encloses this run of the same name, as in an agent, its MCP client and the server; null for none.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."home" IS 'The row of tools that shows it: its own, or the one that it is joined to.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."id" IS 'The id that it was reported under.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."is_answer" IS 'Whether it is a result in a request, without the id of the call that it answers; its id is "<span of the request>:result:<place>".';

COMMENT ON COLUMN "agensight_private"."tool_parts"."is_free" IS 'Whether no id tells the call of this run, neither its own nor that of a run around or inside it, or of this answer.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."is_loose" IS 'Whether the arguments of the mate are equal only in what the model wrote.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."is_run" IS 'Whether it is a run that does not know its call; its id is that of its span, or made up by a framework.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."mate" IS 'The call that a run or an answer is joined to by its arguments, and the run of such a call.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."missing" IS 'The last ancestor, where its span is not stored yet.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."name" IS 'The tool.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."project_id" IS 'The project.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."record" IS 'What was reported under this id, where its row of tools shows more or does not exist.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."run_span_id" IS 'The span of the run, where one was reported under this id.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."started_at" IS 'When the run began, or the call was requested.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."steps" IS 'How many of the ancestors are below the first model call or agent.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."trace_id" IS 'The trace.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."twin_of" IS 'The row of a call that another span of the same model call reported under another id; null for none.';

COMMENT ON COLUMN "agensight_private"."tool_parts"."values_key" IS 'Equal for calls and runs of one name whose arguments have the same values, whatever their form.';

COMMENT ON TABLE "agensight_private"."tool_parts" IS 'One row per row of tools, and per run that is joined to one, of the traces with runs that do not know their call, or with calls under several ids. Written only by ingest().';
