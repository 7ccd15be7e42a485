-- One row per number about a group, a count or a share with its 95 % interval; every other view shows some of these.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null. A count has
-- neither; those of the cut 'funnel' are of records.
select
    cut,
    domain,
    week,
    model,
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
