-- One row per measure over everything: its share with the 95 % interval, of how many conversations and people.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select
    measure,
    facet,
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
where cut = 'total'
order by measure, facet <> 'all', facet
