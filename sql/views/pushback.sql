-- One row per group and kind of pushback ('any', 'pressing', or one kind): the share of the conversations in which
-- the person spoke at least twice.
select
    cut,
    domain,
    week,
    model,
    case measure when 'pushback' then 'any' when 'pressing' then 'pressing' else facet end as kind,
    share,
    low,
    high,
    numerator as conversations,
    denominator as of_conversations,
    n_people,
    status
from cells
where measure in ('pushback', 'pressing', 'pushback_kind') and cut not in ('language', 'cluster')
order by cut, domain, week, model, kind
