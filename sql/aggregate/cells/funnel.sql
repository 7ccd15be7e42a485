-- One row per step that records take, and per reason of each step that has reasons (the facet).
-- read = kept + duplicate + sampled_out + quarantined;
-- kept = language_unsupported + unscored + dropped_by_glance + screened; screened = guidance + not_guidance.
-- Nobody is known behind a record that is not kept: there n_people is the most they can be, conversations told apart
-- by id plus records without one.
with steps as (
    select unnest($outcomes) as measure
    union
    select unnest([
        'read', 'language_unsupported', 'unscored', 'dropped_by_glance', 'screened', 'guidance', 'not_guidance'
    ])
),

set_aside as (
    select
        outcome as measure,
        coalesce(code, 'all') as facet,
        count(*) as numerator,
        count(distinct conversation_id) + count(*) - count(conversation_id) as n_people
    from roster
    where outcome <> 'kept'
    group by grouping sets ((outcome), (outcome, code))
),

everything as (
    select
        'read' as measure,
        'all' as facet,
        count(*) as numerator,
        count(distinct conversation_id) + count(*) - count(conversation_id) as n_people
    from roster
),

kept as (
    select 'kept' as measure, 'all' as facet, count(*) as numerator, count(distinct person) as n_people
    from facts
),

screened as (
    select 'screened' as measure, 'all' as facet, count(*) as numerator, count(distinct person) as n_people
    from facts
    where came_to in ('guidance', 'not_guidance')
),

reached as (
    select
        came_to as measure,
        coalesce(unscored_reason, 'all') as facet,
        count(*) as numerator,
        count(distinct person) as n_people
    from facts
    group by grouping sets ((came_to), (came_to, unscored_reason))
    having grouping(unscored_reason) = 1 or came_to = 'unscored'
),

reached_all as (
    from set_aside
    union all from everything
    union all from kept
    union all from screened
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
    coalesce(reached_all.n_people, 0) as n_people_counted
from steps
left join reached_all using (measure)
