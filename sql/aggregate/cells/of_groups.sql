-- One row per group, measure and facet: what was counted, of how many. Groups without conversations read 0.
-- A language or a cluster is the facet of its row, so measures with facets of their own are not cut by them.
select
    groups.cut,
    groups.domain,
    groups.week,
    groups.model,
    case when groups.slice = 'all' then questions.facet else groups.slice end as facet,
    questions.measure,
    coalesce(counted.numerator, 0) as numerator,
    case when questions.is_share then coalesce(counted.denominator, 0) end as denominator,
    coalesce(counted.n_people, 0) as n_people,
    coalesce(counted.n_people_counted, 0) as n_people_counted,
    coalesce(counted.n_most, 0) as n_most,
    coalesce(counted.n_most_counted, 0) as n_most_counted
from groups
join questions
    on (questions.asked_of = 'guidance' or groups.cut in ('total', 'week', 'model', 'language'))
    and (groups.slice = 'all' or questions.facet = 'all')
left join counted
    on questions.measure = counted.measure
    and questions.facet = counted.facet
    and groups.domain = counted.domain
    and groups.week = counted.week
    and groups.model = counted.model
    and counted.slice = case when groups.slice = 'all' then 'all' else groups.cut || ' ' || groups.slice end
