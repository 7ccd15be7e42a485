-- One row per ISO week and measure without facets: its share with the 95 % interval.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select
    week,
    measure,
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
where cut = 'week' and facet = 'all'
order by week, measure
