-- Which links join two reports of one call.

create function agensight_private.decide_links(project uuid, trace_ids text[], span_ids text[])
  returns table (trace_id text, span_id text)
  language plpgsql volatile security invoker
  set search_path = '' set jit = off set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  -- Tolerance for clocks of one process that are read with different precision.
  slack constant interval := '5 milliseconds';
  -- Of the calls below a call, how many are compared with it; more only when their usage does not differ.
  most constant integer := 20;
begin
  return query
  with outers as materialized (
    select
      k.trace_id, k.span_id, r.prompt_tokens, r.completion_tokens, r.model,
      agensight_private.model_names(r.model) as names,
      coalesce(
        r.total_tokens, coalesce(r.prompt_tokens, 0) + coalesce(r.completion_tokens, 0)
      ) as total_tokens,
      agensight_private.provider_response_id(r.response_id) as response_id,
      coalesce(r.content, r.parts::text) as answer,
      s.started_at, s.ended_at
    from (
      select distinct u.trace_id collate "C" as trace_id, u.span_id collate "C" as span_id
      from unnest(trace_ids, span_ids) u(trace_id, span_id)
    ) k
    cross join lateral (
      select r.*
      from agensight.completions x
      cross join lateral jsonb_populate_record(x, x.own) r
      where x.project_id = project
        and x.trace_id = k.trace_id
        and x.span_id = k.span_id
        and x.completion_index = 0
      offset 0
    ) r
    left join lateral (
      select s.started_at, s.ended_at from agensight.spans s
      where s.project_id = project and s.trace_id = k.trace_id and s.id = k.span_id offset 0
    ) s on true
  ), inners as materialized (
    select
      o.trace_id, o.span_id as above,
      i.*,
      o.total_tokens > 0 as above_has_usage,
      i.total_tokens > 0 as has_usage,
      coalesce(i.started_at between o.started_at - slack and o.ended_at, false)
        and (not (o.total_tokens > 0 and i.total_tokens > 0)
          or coalesce(
            i.prompt_tokens = o.prompt_tokens and i.completion_tokens = o.completion_tokens, false
          )) as may_be_same
    from outers o
    cross join lateral (
      select
        l.ctid as at, l.span_id, l.started_at, l.prompt_tokens, l.completion_tokens,
        l.total_tokens, l.relation
      from agensight_private.call_links l
      where agensight_private.place_key(l.trace_id, l.above) =
        agensight_private.place_key(o.trace_id, o.span_id)
        and (l.project_id, l.trace_id, l.above) is not distinct from
          (project, o.trace_id, o.span_id)
        and not l.is_open
        offset 0
    ) i
  ), compared as materialized (
    select
      n.trace_id, n.above, n.span_id, n.above_has_usage,
      row_number() over (
        partition by n.trace_id, n.above order by n.has_usage desc, n.started_at, n.span_id
      ) as place,
      count(*) filter (where n.has_usage) over (partition by n.trace_id, n.above) as with_usage
    from (
      select
        i.*,
        row_number() over (
          partition by i.trace_id, i.above order by i.has_usage desc, i.started_at, i.span_id
        ) as place
      from inners i where i.may_be_same
    ) n
    join outers o on o.trace_id = n.trace_id and o.span_id = n.above
    cross join lateral (
      select
        r.model,
        agensight_private.provider_response_id(r.response_id) as response_id,
        coalesce(r.content, r.parts::text) as answer
      from agensight.completions x cross join lateral jsonb_populate_record(x, x.own) r
      where x.project_id = project
        and x.trace_id = n.trace_id
        and x.span_id = n.span_id
        and x.completion_index = 0
      offset 0
    ) i
    where n.place <= most
      and (o.response_id is null or i.response_id is null)
      and (o.model is null or i.model is null or o.names && agensight_private.model_names(i.model))
      -- Where only the inner has usage, the outer is a function around the call, with an output of its own.
      and (
        (n.has_usage and o.total_tokens = 0)
          or (n.has_usage and o.total_tokens > 0)
          or o.answer is null
          or i.answer is null
          or o.answer = i.answer
      )
  ), same as materialized (
    select c.trace_id, c.above, c.span_id
    from compared c
    join outers o on o.trace_id = c.trace_id and o.span_id = c.above
    where c.place = 1 and (c.above_has_usage or c.with_usage <= 1)
      -- Another call below has the same response id, and is the same call by that.
      and not (o.response_id is not null and exists (
        select from agensight_private.calls_of_response(project, o.trace_id, o.response_id) m
        cross join lateral (
          select l.above from agensight_private.call_links l
          where l.project_id = project
            and l.trace_id = o.trace_id
            and l.span_id = m.span_id
            and not l.is_open
          offset 0
        ) l
        where l.above = o.span_id))
  ), parts as (
    select
      i.trace_id, i.above,
      (
        array_agg(i.span_id order by i.started_at, i.span_id) filter (where i.has_usage)
      )[1] as span_id
    from inners i
    join outers o on o.trace_id = i.trace_id and o.span_id = i.above
    where o.response_id is null
    group by i.trace_id, i.above, o.total_tokens, o.prompt_tokens, o.model
    having count(*) filter (where i.has_usage) > case
      when o.total_tokens > 0 and o.model is null then 0
      else 1
    end
      and (o.total_tokens = 0 or (
        sum(i.total_tokens) = o.total_tokens
          and coalesce(sum(i.prompt_tokens) = o.prompt_tokens, true)))
  )
  update agensight_private.call_links l
  set relation = d.relation
  from (
    select
      i.at, i.relation as was,
      case
        when s.span_id is not null then 'same'
        when p.span_id is not null then 'part'
      end as relation
    from inners i
    left join same s on s.trace_id = i.trace_id and s.span_id = i.span_id
    left join parts p on p.trace_id = i.trace_id and p.span_id = i.span_id
      and not exists (select from same o where o.trace_id = i.trace_id and o.above = i.above)
  ) d
  where d.relation is distinct from d.was and l.ctid = d.at
  returning l.trace_id, l.span_id;
end $$;
comment on function agensight_private.decide_links(uuid, text[], text[]) is
  'Decides for the calls below each of these calls (two lists of equal length: traces and spans) whether both are one call. Returns the calls whose link changed by that.';
