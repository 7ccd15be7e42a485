-- One row per step that records take, and per reason of each step that has reasons (the facet).
-- read = kept + duplicate + sampled_out + quarantined;
-- kept = language_unsupported + unscored + dropped_by_glance + screened; screened = guidance + not_guidance.
-- Nobody is known behind a record that is not kept: there n_people is the most they can be, conversations told apart
-- by id plus records without one. How many of them are one person's is not known either: n_most is 1.
-- Of records that may not be held, $blanked by code, there is no row and no count: it would tell of a person who went.
with steps as (
    select unnest($outcomes) as measure
    union
    select unnest([
        'read', 'language_unsupported', 'unscored', 'dropped_by_glance', 'screened', 'guidance', 'not_guidance'
    ])
),

seen as (
    from roster
    where code is null or code not in (select unnest($blanked))
),

set_aside as (
    select
        outcome as measure,
        coalesce(code, 'all') as facet,
        count(*) as numerator,
        count(distinct conversation_id) + count(*) - count(conversation_id) as n_people,
        1 as n_most
    from seen
    where outcome <> 'kept'
    group by grouping sets ((outcome), (outcome, code))
),

everything as (
    select
        'read' as measure,
        'all' as facet,
        count(*) as numerator,
        count(distinct conversation_id) + count(*) - count(conversation_id) as n_people,
        1 as n_most
    from seen
),

-- One row per person of each step.
of_people as (
    select 'kept' as measure, 'all' as facet, count(*) as n from facts group by person
    union all
    select 'screened', 'all', count(*) from facts where came_to in ('guidance', 'not_guidance') group by person
    union all
    select came_to, 'all', count(*) from facts group by came_to, person
    union all
    select came_to, unscored_reason, count(*) from facts where came_to = 'unscored' group by came_to, unscored_reason, person
),

reached as (
    select measure, facet, sum(n)::bigint as numerator, count(*) as n_people, max(n) as n_most
    from of_people
    group by all
),

reached_all as (
    from set_aside
    union all from everything
    union all from reached
)

select
    'funnel' as cut,
    'all' as domain,
    'all' as week,
    'all' as model,
    coalesce(reached_all.facet, 'all') as facet,
    steps.measure,
    coalesce(reached_all.numerator, 0) as numerator,
    null as denominator,
    coalesce(reached_all.n_people, 0) as n_people,
    coalesce(reached_all.n_people, 0) as n_people_counted,
    coalesce(reached_all.n_most, 0) as n_most,
    coalesce(reached_all.n_most, 0) as n_most_counted
from steps
left join reached_all using (measure)
