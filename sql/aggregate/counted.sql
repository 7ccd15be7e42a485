-- One row per group, measure and facet with at least one answer: conversations and distinct people, asked and counted.
-- 'all' is a dimension that the row is not cut by. What everybody is asked is not cut by domain, nor by two at once:
-- counting distinct people is the dearest part of a run.
with asked as (
    select
        answers.measure,
        answers.facet,
        answers.counted,
        case when answers.counted then facts.person end as person_counted,
        questions.asked_of,
        facts.person,
        facts.domain,
        facts.week,
        facts.model,
        facts.language,
        facts.cluster_id
    from answers
    join facts using (conversation_id)
    join (select distinct measure, asked_of from questions) as questions using (measure)
),

of_everybody as (
    select
        measure,
        facet,
        'all' as domain,
        coalesce(week, 'all') as week,
        coalesce(model, 'all') as model,
        'all' as slice,
        count(*) filter (where counted) as numerator,
        count(*) as denominator,
        count(distinct person) as n_people,
        count(distinct person_counted) as n_people_counted
    from asked
    where asked_of = 'everybody'
    group by grouping sets ((measure, facet), (measure, facet, week), (measure, facet, model))
),

of_guidance as (
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
        count(distinct person_counted) as n_people_counted
    from asked
    where asked_of = 'guidance'
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
        count(distinct person_counted) as n_people_counted
    from asked
    where facet = 'all'
    group by grouping sets ((measure, facet, language), (measure, facet, cluster_id))
    having slice is not null
)

from of_everybody
union all
from of_guidance
union all
from by_slice
