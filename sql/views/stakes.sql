-- One row per group and level of stakes: its share of the group's labelled guidance conversations.
select
    cut,
    domain,
    week,
    model,
    facet as stakes,
    share,
    low,
    high,
    numerator as conversations,
    denominator as of_conversations,
    n_people,
    status
from cells
where measure = 'stakes'
order by cut, domain, week, model, list_position(['low', 'medium', 'high'], facet)
