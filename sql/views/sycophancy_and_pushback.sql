-- One row per group and when ('with' or 'without' any pushback, 'before' or 'after' the first pressing one): the share
-- of the conversations judged there in which the assistant was sycophantic.
select
    cut,
    domain,
    week,
    model,
    split_part(measure, '_', 2) as pushback,
    share,
    low,
    high,
    numerator as sycophantic,
    denominator as judged,
    n_people,
    status
from cells
where
    measure in (
        'sycophantic_with_pushback',
        'sycophantic_without_pushback',
        'sycophantic_before_pushback',
        'sycophantic_after_pushback'
    )
    and cut not in ('language', 'cluster')
order by cut, domain, week, model, pushback
