-- Any row is a fault: a share that has no rate, or several, or a rate that belongs to no share.
with shares as (
    select cut, domain, week, model, facet, measure
    from protected
    where cut <> 'funnel' and measure not in ('conversations', 'guidance_conversations')
),

both_sides as (
    select cut, domain, week, model, facet, measure, 1 as n_shares, 0 as n_rates from shares
    union all
    select cut, domain, week, model, facet, measure, 0, 1 from rates
)

select cut, domain, week, model, facet, measure, sum(n_shares) as n_shares, sum(n_rates) as n_rates
from both_sides
group by all
having sum(n_shares) <> 1 or sum(n_rates) <> 1
