-- One row per group, measure and facet with at least one answer: conversations and distinct people, asked and counted,
-- and the most conversations that one person has among them.
-- 'all' is a dimension that the row is not cut by. What everybody is asked is not cut by domain, nor by two at once:
-- counting by person is the dearest part of a run.
with asked as (
    select
        answers.measure,
        answers.facet,
        answers.counted,
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
        count(*) filter (where counted) as n_counted,
        count(*) as n_asked
    from asked
    where asked_of = 'everybody'
    group by grouping sets (
        (measure, facet, person), (measure, facet, week, person), (measure, facet, model, person)
    )
),

of_guidance as (
    select
        measure,
        facet,
        coalesce(domain, 'all') as domain,
        coalesce(week, 'all') as week,
        coalesce(model, 'all') as model,
        'all' as slice,
        count(*) filter (where counted) as n_counted,
        count(*) as n_asked
    from asked
    where asked_of = 'guidance'
    group by grouping sets (
        (measure, facet, person),
        (measure, facet, domain, person),
        (measure, facet, week, person),
        (measure, facet, model, person),
        (measure, facet, domain, week, person),
        (measure, facet, domain, model, person),
        (measure, facet, week, model, person),
        (measure, facet, domain, week, model, person)
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
        count(*) filter (where counted) as n_counted,
        count(*) as n_asked
    from asked
    where facet = 'all'
    group by grouping sets ((measure, facet, language, person), (measure, facet, cluster_id, person))
    having slice is not null
),

-- One row per person of each group.
of_people as (
    from of_everybody
    union all
    from of_guidance
    union all
    from by_slice
)

select
    measure,
    facet,
    domain,
    week,
    model,
    slice,
    sum(n_counted)::bigint as numerator,
    sum(n_asked)::bigint as denominator,
    count(*) as n_people,
    count(*) filter (where n_counted > 0) as n_people_counted,
    max(n_asked) as n_most,
    max(n_counted) as n_most_counted
from of_people
group by all
