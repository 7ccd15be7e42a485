-- One row per group: the share of its judged conversations in which the assistant was sycophantic.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select * exclude (measure, facet) rename (conversations as sycophantic, of_conversations as judged)
from all_numbers
where measure = 'sycophantic' and cut not in ('language', 'cluster')
order by cut, domain, week, model
