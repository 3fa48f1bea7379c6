CREATE TABLE "agensight"."prices" (
  "id"                  bigint                   GENERATED ALWAYS AS IDENTITY NOT NULL,
  "project_id"          uuid,
  "provider"            text,
  "model_patterns"      text[]                   COLLATE pg_catalog."C" NOT NULL,
  "service_tier"        text                     NOT NULL DEFAULT 'standard'::text,
  "above_prompt_tokens" bigint                   NOT NULL DEFAULT 0,
  "valid_from"          timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp WITH time zone,
  "valid_until"         timestamp with time zone NOT NULL DEFAULT 'infinity'::timestamp WITH time zone,
  "daily_from"          time without time zone,
  "daily_until"         time without time zone,
  "input_price"         numeric,
  "cached_price"        numeric,
  "cache_write_price"   numeric,
  "output_price"        numeric,
  "source"              text                     NOT NULL,
  "source_date"         date                     NOT NULL,
  CONSTRAINT "prices_above_prompt_tokens_check" CHECK ((above_prompt_tokens >= 0)),
  CONSTRAINT "prices_cache_write_price_check" CHECK ((cache_write_price >= (0)::numeric)),
  CONSTRAINT "prices_cached_price_check" CHECK ((cached_price >= (0)::numeric)),
  CONSTRAINT "prices_check1" CHECK ((num_nonnulls(daily_from, daily_until) = ANY (ARRAY[0, 2]))),
  CONSTRAINT "prices_check2" CHECK (((provider IS NOT NULL) OR (project_id IS NOT NULL))),
  CONSTRAINT "prices_check" CHECK ((valid_until >= valid_from)),
  CONSTRAINT "prices_input_price_check" CHECK ((input_price >= (0)::numeric)),
  CONSTRAINT "prices_model_patterns_check" CHECK ((cardinality(model_patterns) > 0)),
  CONSTRAINT "prices_output_price_check" CHECK ((output_price >= (0)::numeric)),
  CONSTRAINT "prices_pkey" PRIMARY KEY (id),
  CONSTRAINT "prices_provider_check" CHECK ((provider = lower(provider))),
  CONSTRAINT "prices_service_tier_check" CHECK ((service_tier = lower(service_tier))),
  CONSTRAINT "prices_project_id_fkey" FOREIGN KEY (project_id) REFERENCES agensight.projects(id) ON DELETE CASCADE
);

ALTER TABLE "agensight"."prices"
  ENABLE ROW LEVEL SECURITY;

CREATE INDEX prices_by_end ON agensight.prices USING btree (valid_until);

CREATE INDEX prices_by_provider ON agensight.prices USING btree (project_id, PROVIDER);

CREATE INDEX prices_by_start ON agensight.prices USING btree (valid_from);

CREATE POLICY "members read list prices and their projects' own" ON "agensight"."prices"
  FOR SELECT
  TO "authenticated"
  USING (((project_id IS NULL) OR (project_id = ANY (ARRAY( SELECT agensight_private.my_projects() AS my_projects)))));

CREATE POLICY "read tokens open their project" ON "agensight"."prices"
  FOR SELECT
  TO "anon"
  USING ((project_id = ANY (ARRAY( SELECT agensight_private.token_project() AS token_project))));

GRANT SELECT ON TABLE "agensight"."prices" TO "anon", "authenticated";

GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE "agensight"."prices" TO "service_role";

COMMENT ON COLUMN "agensight"."prices"."above_prompt_tokens" IS 'The price holds for the whole of a call whose prompt has more tokens than this.';

COMMENT ON COLUMN "agensight"."prices"."cache_write_price" IS 'USD per token written to a cache; null where there is no such price and input_price is paid.';

COMMENT ON COLUMN "agensight"."prices"."cached_price" IS 'USD per token read from a cache; null where there is no such price and input_price is paid.';

COMMENT ON COLUMN "agensight"."prices"."daily_from" IS 'Where a price depends on the hour: from this time of day, UTC. Null for the whole day.';

COMMENT ON COLUMN "agensight"."prices"."daily_until" IS 'Where a price depends on the hour: until this time of day, UTC. Null for the whole day.';

COMMENT ON COLUMN "agensight"."prices"."id" IS 'Referenced by completions.price_id.';

COMMENT ON COLUMN "agensight"."prices"."input_price" IS 'USD per token of the prompt that was neither read from a cache nor written to one.';

COMMENT ON COLUMN "agensight"."prices"."model_patterns" IS 'LIKE patterns in lower case, any of which the model''s name must match. The most specific match wins: one without wildcards, then the longest.';

COMMENT ON COLUMN "agensight"."prices"."output_price" IS 'USD per token of the answer, reasoning included.';

COMMENT ON COLUMN "agensight"."prices"."project_id" IS 'The project whose own price it is; null for a list price, which holds for all.';

COMMENT ON COLUMN "agensight"."prices"."provider" IS 'Who serves the model, as in price_providers(); null for any provider (a project''s own prices only).';

COMMENT ON COLUMN "agensight"."prices"."service_tier" IS 'standard, batch, flex, priority or the provider''s own term, as in the attributes of the call''s span.';

COMMENT ON COLUMN "agensight"."prices"."source" IS 'Source of the prices.';

COMMENT ON COLUMN "agensight"."prices"."source_date" IS 'Date of the source.';

COMMENT ON COLUMN "agensight"."prices"."valid_from" IS 'Holds for calls that started at this moment or later.';

COMMENT ON COLUMN "agensight"."prices"."valid_until" IS 'Holds for calls that started before this moment; for none where it equals valid_from, as in a row that was replaced.';

COMMENT ON TABLE "agensight"."prices" IS 'One row per price of a model: USD per token, in a span of time, a service tier and a size of prompt. A project''s own rows win over the list. Rows are closed rather than changed, because completions name the row they were priced by.';
