-- One row per group, measure and facet with at least one answer: conversations and distinct people, asked and counted.
-- 'none' is the domain of a conversation that is not guidance; 'all' is a dimension that the row is not cut by.
with asked as (
    select
        answers.measure,
        answers.facet,
        answers.counted,
        facts.person,
        coalesce(facts.domain, 'none') as domain,
        facts.week,
        facts.model,
        facts.language,
        facts.cluster_id
    from answers
    join facts using (conversation_id)
),

by_dimension as (
    select
        measure,
        facet,
        coalesce(domain, 'all') as domain,
        coalesce(week, 'all') as week,
        coalesce(model, 'all') as model,
        'all' as slice,
        count(*) filter (where counted) as numerator,
        count(*) as denominator,
        count(distinct person) as n_people,
        count(distinct person) filter (where counted) as n_people_counted
    from asked
    group by grouping sets (
        (measure, facet),
        (measure, facet, domain),
        (measure, facet, week),
        (measure, facet, model),
        (measure, facet, domain, week),
        (measure, facet, domain, model),
        (measure, facet, week, model),
        (measure, facet, domain, week, model)
    )
),

by_slice as (
    select
        measure,
        facet,
        'all' as domain,
        'all' as week,
        'all' as model,
        coalesce('language ' || language, 'cluster ' || cluster_id) as slice,
        count(*) filter (where counted) as numerator,
        count(*) as denominator,
        count(distinct person) as n_people,
        count(distinct person) filter (where counted) as n_people_counted
    from asked
    where facet = 'all'
    group by grouping sets ((measure, facet, language), (measure, facet, cluster_id))
    having slice is not null
)

from by_dimension
union all
from by_slice
