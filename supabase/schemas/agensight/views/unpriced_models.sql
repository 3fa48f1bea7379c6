CREATE VIEW "agensight"."unpriced_models" WITH (security_invoker=true) AS  SELECT project_id,
    provider,
    model,
    count(*) AS calls,
    (sum(prompt_tokens))::bigint AS prompt_tokens,
    (sum(completion_tokens))::bigint AS completion_tokens,
    max(trace_id) AS trace_id
   FROM agensight.completions
  WHERE ((cost IS NULL) AND (repeat_of IS NULL) AND (total_tokens > 0))
  GROUP BY project_id, provider, model;

GRANT SELECT ON TABLE "agensight"."unpriced_models" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."unpriced_models" IS 'Models whose calls used tokens and have no cost, because no price is known for provider, model and service tier: how many calls and tokens, and one trace. Give them a price with set_price() and call reprice().';
