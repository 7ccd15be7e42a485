-- One row per group: the share of its judged conversations in which the assistant was sycophantic.
select cut, domain, week, model, share, low, high, numerator as sycophantic, denominator as judged, n_people, status
from cells
where measure = 'sycophantic' and cut not in ('language', 'cluster')
order by cut, domain, week, model
