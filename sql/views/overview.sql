-- One row per measure over everything: its share with the 95 % interval, of how many conversations and people.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select * exclude (cut, domain, week, model)
from all_numbers
where cut = 'total'
order by measure, facet <> 'all', facet
