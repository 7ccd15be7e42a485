-- One row per domain, and per domain in each week and model: its share of that week's and model's guidance.
with guidance as (
    select domain, week, model, numerator, n_people, n_most
    from counted
    where measure = 'guidance_conversations' and slice = 'all'
)

select
    groups.cut,
    groups.domain,
    groups.week,
    groups.model,
    'all' as facet,
    'domain_share' as measure,
    coalesce(part.numerator, 0) as numerator,
    coalesce(whole.numerator, 0) as denominator,
    coalesce(whole.n_people, 0) as n_people,
    coalesce(part.n_people, 0) as n_people_counted,
    coalesce(whole.n_most, 0) as n_most,
    coalesce(part.n_most, 0) as n_most_counted
from groups
left join guidance as part
    on groups.domain = part.domain and groups.week = part.week and groups.model = part.model
left join guidance as whole
    on whole.domain = 'all' and groups.week = whole.week and groups.model = whole.model
where groups.domain <> 'all'
