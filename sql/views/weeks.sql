-- One row per ISO week and measure without facets: its share with the 95 % interval.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select * exclude (cut, domain, model, facet)
from all_numbers
where cut = 'week' and facet = 'all'
order by week, measure
