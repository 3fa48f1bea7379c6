CREATE TABLE "agensight"."message_lists" (
  "project_id"    uuid      NOT NULL,
  "trace_id"      text      COLLATE pg_catalog."C" NOT NULL,
  "span_id"       text      COLLATE pg_catalog."C" NOT NULL,
  "hashes"        integer[] NOT NULL,
  "roles"         text[],
  "contents"      text[],
  "parts"         jsonb[],
  "names"         text[],
  "tool_call_ids" text[],
  "owners"        text[]    COLLATE pg_catalog."C",
  "firsts"        integer[],
  "counts"        integer[],
  "indexes"       integer[],
  CONSTRAINT "message_lists_check1"
    CHECK (((cardinality(firsts) = cardinality(owners)) AND (cardinality(counts) = cardinality(owners)) AND (num_nulls(owners, firsts, counts) = ANY (ARRAY[0, 3])))),
  CONSTRAINT "message_lists_check"
    CHECK
    (((cardinality(roles) = cardinality(hashes)) AND (cardinality(contents) = cardinality(hashes)) AND (cardinality(parts) = cardinality(hashes)) AND (cardinality(names) =
    cardinality(hashes)) AND (cardinality(tool_call_ids) = cardinality(hashes)))),
  CONSTRAINT "message_lists_indexes_check" CHECK ((0 <= ALL (indexes))),
  CONSTRAINT "message_lists_pkey" PRIMARY KEY (project_id, trace_id, span_id),
  CONSTRAINT "message_lists_span_id_check" CHECK (((length(span_id) >= 1) AND (length(span_id) <= 128))),
  CONSTRAINT "message_lists_trace_id_check" CHECK (((length(trace_id) >= 1) AND (length(trace_id) <= 128)))
);

ALTER TABLE "agensight"."message_lists"
  ENABLE ROW LEVEL SECURITY;

ALTER TABLE "agensight"."message_lists"
  SET (autovacuum_vacuum_scale_factor=0.05);

CREATE TRIGGER queued_on_insert AFTER INSERT ON agensight.message_lists REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (COALESCE(current_setting('agensight.trace_changes'::text, true), ''::text) = ''::text)
) EXECUTE FUNCTION agensight_private.queue_changed_traces();

CREATE TRIGGER queued_on_update AFTER UPDATE ON agensight.message_lists REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (
  (COALESCE(current_setting('agensight.trace_changes'::text, true), ''::text) = ''::text)
) EXECUTE FUNCTION agensight_private.queue_changed_traces();

CREATE POLICY "members read their projects' message lists" ON "agensight"."message_lists"
  FOR SELECT
  TO "authenticated"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects))));

CREATE POLICY "read tokens open their project" ON "agensight"."message_lists"
  FOR SELECT
  TO "anon"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.token_project() AS token_project))));

GRANT SELECT ON TABLE "agensight"."message_lists" TO "anon", "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "agensight"."message_lists" TO "service_role";

COMMENT ON COLUMN "agensight"."message_lists"."contents" IS 'Their plain texts.';

COMMENT ON COLUMN "agensight"."message_lists"."counts" IS 'How many messages each run has.';

COMMENT ON COLUMN "agensight"."message_lists"."firsts" IS 'The first message of each run, among those that its span stored, from 1.';

COMMENT ON COLUMN "agensight"."message_lists"."hashes" IS 'A hash of each message that this call stored, to look it up by; equal messages have equal hashes, and others may, too.';

COMMENT ON COLUMN "agensight"."message_lists"."indexes" IS 'The index of each message that it sent; null where they are 0, 1, 2 and so on, none missing.';

COMMENT ON COLUMN "agensight"."message_lists"."names" IS 'The names of their authors.';

COMMENT ON COLUMN "agensight"."message_lists"."owners" IS 'What the call sent, in order, as runs of messages: for each run the span that stored them. Null where it sent exactly what it stored.';

COMMENT ON COLUMN "agensight"."message_lists"."parts" IS 'Their typed parts.';

COMMENT ON COLUMN "agensight"."message_lists"."project_id" IS 'The project whose token wrote the row.';

COMMENT ON COLUMN "agensight"."message_lists"."roles" IS 'Their roles; as in the other columns, null when none has one.';

COMMENT ON COLUMN "agensight"."message_lists"."span_id" IS 'The LLM span that sent them.';

COMMENT ON COLUMN "agensight"."message_lists"."tool_call_ids" IS 'The tool calls that they answer, where they are tool messages.';

COMMENT ON COLUMN "agensight"."message_lists"."trace_id" IS 'The trace it belongs to.';

COMMENT ON TABLE "agensight"."message_lists" IS 'One row per call of a model: the messages that it sent, each once per trace. Read it through prompts. Written only by ingest().';
