-- One row per group of one cut, measure and facet with at least one answer: conversations and distinct people, asked
-- and counted, and the most conversations that one person has among them.
-- The cut is by what $by names; 'all' is what it is not by. $sliced: by language or cluster, which asks whole measures
-- only. Counting by person is the dearest part of a run; cut after cut it takes the room of the largest one.
with of_people as (
    select
        asked.question,
        case when list_contains($by, 'domain') then asked.domain end as domain,
        case when list_contains($by, 'week') then asked.week end as week,
        case when list_contains($by, 'model') then asked.model end as model,
        case
            when list_contains($by, 'language') then asked.language
            when list_contains($by, 'cluster') then asked.cluster
        end as slice,
        count(*) filter (where asked.counted) as n_counted,
        count(*) as n_asked
    from asked
    join questions using (question)
    where questions.asked_of = any($asked_of) and (not $sliced or questions.facet = 'all')
    group by 1, 2, 3, 4, 5, asked.person
),

counted as (
    select
        question,
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
    where slice is not null or not $sliced
    group by all
)

select
    questions.measure,
    questions.facet,
    coalesce(domains.name, 'all') as domain,
    coalesce(weeks.name, 'all') as week,
    coalesce(models.name, 'all') as model,
    coalesce(slices.dimension || ' ' || slices.name, 'all') as slice,
    counted.numerator,
    counted.denominator,
    counted.n_people,
    counted.n_people_counted,
    counted.n_most,
    counted.n_most_counted
from counted
join questions using (question)
left join names as domains on counted.domain = domains.number
left join names as weeks on counted.week = weeks.number
left join names as models on counted.model = models.number
left join names as slices on counted.slice = slices.number
