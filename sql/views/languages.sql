-- One row per language and measure without facets: its share with the 95 % interval.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select facet as language, * exclude (cut, domain, week, model, facet)
from all_numbers
where cut = 'language'
order by facet, measure
