-- One row per group and kind of pushback ('any', 'pressing', or one kind): the share of the conversations in which
-- the person spoke at least twice.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select
    cut,
    domain,
    week,
    model,
    case measure when 'pushback' then 'any' when 'pressing' then 'pressing' else facet end as kind,
    * exclude (cut, domain, week, model, measure, facet)
from all_numbers
where measure in ('pushback', 'pressing', 'pushback_kind') and cut not in ('language', 'cluster')
order by cut, domain, week, model, kind
