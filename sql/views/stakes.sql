-- One row per group and level of stakes: its share of the group's labelled guidance conversations.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select
    cut,
    domain,
    week,
    model,
    facet as stakes,
    share,
    low,
    high,
    corrected,
    corrected_low,
    corrected_high,
    state,
    numerator as conversations,
    denominator as of_conversations,
    n_people,
    status
from cells
left join rates using (cut, domain, week, model, facet, measure)
where measure = 'stakes'
order by cut, domain, week, model, list_position(['low', 'medium', 'high'], facet)
