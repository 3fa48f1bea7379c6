CREATE VIEW "agensight"."prompts" WITH (security_invoker=true) AS  SELECT l.project_id,
    l.trace_id,
    l.span_id,
    (COALESCE((l.indexes[m.n])::bigint, (m.n - 1)))::integer AS message_index,
    m.role,
    m.content,
    m.parts,
    m.name,
    m.tool_call_id
   FROM (agensight.message_lists l
     CROSS JOIN LATERAL ( SELECT b.n,
            b.role,
            b.content,
            b.parts,
            b.name,
            b.tool_call_id
           FROM UNNEST(l.hashes, l.roles, l.contents, l.parts, l.names, l.tool_call_ids) WITH ORDINALITY b(hash, role, content, parts, name, tool_call_id, n)
          WHERE (l.owners IS NULL)
        UNION ALL
         SELECT (((r.before + b.n) - r.first) + 1),
            b.role,
            b.content,
            b.parts,
            b.name,
            b.tool_call_id
           FROM ((( SELECT u.owner,
                    u.first,
                    u.count,
                    (sum(u.count) OVER (ORDER BY u.run) - u.count) AS before
                   FROM UNNEST(l.owners, l.firsts, l.counts) WITH ORDINALITY u(owner, first, count, run)) r
             CROSS JOIN LATERAL ( SELECT o_1.project_id,
                    o_1.trace_id,
                    o_1.span_id,
                    o_1.hashes,
                    o_1.roles,
                    o_1.contents,
                    o_1.parts,
                    o_1.names,
                    o_1.tool_call_ids,
                    o_1.owners,
                    o_1.firsts,
                    o_1.counts,
                    o_1.indexes
                   FROM agensight.message_lists o_1
                  WHERE ((o_1.project_id = l.project_id) AND (o_1.trace_id = l.trace_id) AND (o_1.span_id = r.owner))
                 OFFSET 0) o)
             CROSS JOIN LATERAL UNNEST(o.hashes, o.roles, o.contents, o.parts, o.names, o.tool_call_ids) WITH ORDINALITY b(hash, role, content, parts, name, tool_call_id, n))
          WHERE ((b.n >= r.first) AND (b.n <= ((r.first + r.count) - 1)))) m);

GRANT SELECT ON TABLE "agensight"."prompts" TO "anon", "authenticated", "service_role";

COMMENT ON VIEW "agensight"."prompts" IS 'One row per message that was sent to a model, as the call sent it.';
