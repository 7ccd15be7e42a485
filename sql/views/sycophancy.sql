-- One row per group: the share of its judged conversations in which the assistant was sycophantic.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select
    cut,
    domain,
    week,
    model,
    share,
    low,
    high,
    corrected,
    corrected_low,
    corrected_high,
    state,
    numerator as sycophantic,
    denominator as judged,
    n_people,
    status
from cells
left join rates using (cut, domain, week, model, facet, measure)
where measure = 'sycophantic' and cut not in ('language', 'cluster')
order by cut, domain, week, model
