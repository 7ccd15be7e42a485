-- One row per group and kind of other help that people mention ('any' of the four, or one), or 'no_access' where a
-- professional is out of reach: its share of the group's labelled guidance conversations.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select
    cut,
    domain,
    week,
    model,
    case when measure = 'no_access' then 'no_access' when facet = 'all' then 'any' else facet end as support,
    * exclude (cut, domain, week, model, measure, facet)
from all_numbers
where measure in ('support', 'no_access') and cut not in ('language', 'cluster')
order by cut, domain, week, model, support
