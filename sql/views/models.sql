-- One row per assistant's model and measure without facets: its share with the 95 % interval.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select * exclude (cut, domain, week, facet)
from all_numbers
where cut = 'model' and facet = 'all'
order by model, measure
