-- Any row is a fault: a count over all models that is not the sum of its models.
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
    select domain, week, facet, measure, sum(numerator) as n_parts
    from counts
    where model <> 'all'
    group by all
)

select domain, week, facet, measure, counts.numerator as n_whole, parts.n_parts
from parts
join counts using (domain, week, facet, measure)
where counts.model = 'all' and counts.numerator <> parts.n_parts
