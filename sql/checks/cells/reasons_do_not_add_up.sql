-- Any row is a fault: a step of the funnel whose reasons do not add up to it.
select
    measure,
    max(numerator) filter (where facet = 'all') as n_step,
    sum(numerator) filter (where facet <> 'all') as n_reasons
from cells
where cut = 'funnel'
group by measure
having count(*) filter (where facet <> 'all') > 0 and n_step <> n_reasons
