-- One row per group and kind of other help that people mention ('any' of the four, or one), or 'no_access' where a
-- professional is out of reach: its share of the group's labelled guidance conversations.
select
    cut,
    domain,
    week,
    model,
    case when measure = 'no_access' then 'no_access' when facet = 'all' then 'any' else facet end as support,
    share,
    low,
    high,
    numerator as conversations,
    denominator as of_conversations,
    n_people,
    status
from cells
where measure in ('support', 'no_access') and cut not in ('language', 'cluster')
order by cut, domain, week, model, support
