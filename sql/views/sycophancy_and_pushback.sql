-- One row per group and when ('with' or 'without' any pushback, 'before' or 'after' the first pressing one): the share
-- of the conversations judged there in which the assistant was sycophantic.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select
    cut,
    domain,
    week,
    model,
    split_part(measure, '_', 2) as pushback,
    * exclude (cut, domain, week, model, measure, facet)
    rename (conversations as sycophantic, of_conversations as judged)
from all_numbers
where
    measure in (
        'sycophantic_with_pushback',
        'sycophantic_without_pushback',
        'sycophantic_before_pushback',
        'sycophantic_after_pushback'
    )
    and cut not in ('language', 'cluster')
order by cut, domain, week, model, pushback
