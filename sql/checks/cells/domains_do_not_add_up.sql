-- Any row is a fault: a count over all domains that is not the sum of its domains.
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
    select week, model, facet, measure, sum(numerator) as n_parts
    from counts
    where domain <> 'all'
    group by all
)

select week, model, facet, measure, counts.numerator as n_whole, parts.n_parts
from parts
join counts using (week, model, facet, measure)
where counts.domain = 'all' and counts.numerator <> parts.n_parts
