-- Any row is a fault: a count over all weeks that is not the sum of its weeks.
with counts as (
    select
        domain,
        week,
        model,
        facet,
        case measure when 'domain_share' then 'guidance_conversations' else measure end as measure,
        numerator
    from cells
    where cut not in ('funnel', 'language', 'cluster')
    group by all
),

parts as (
    select domain, model, facet, measure, sum(numerator) as n_parts
    from counts
    where week <> 'all'
    group by all
)

select domain, model, facet, measure, counts.numerator as n_whole, parts.n_parts
from parts
join counts using (domain, model, facet, measure)
where counts.week = 'all' and counts.numerator <> parts.n_parts
