-- One row per group and when ('with' or 'without' any pushback, 'before' or 'after' the first pressing one): the share
-- of the conversations judged there in which the assistant was sycophantic.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select
    cut,
    domain,
    week,
    model,
    split_part(measure, '_', 2) as pushback,
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
where
    measure in (
        'sycophantic_with_pushback',
        'sycophantic_without_pushback',
        'sycophantic_before_pushback',
        'sycophantic_after_pushback'
    )
    and cut not in ('language', 'cluster')
order by cut, domain, week, model, pushback
