-- One row per group and level of stakes: its share of the group's labelled guidance conversations.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select * exclude (measure) rename (facet as stakes)
from all_numbers
where measure = 'stakes'
order by cut, domain, week, model, list_position(['low', 'medium', 'high'], facet)
