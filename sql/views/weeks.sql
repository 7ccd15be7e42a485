-- One row per ISO week and measure without facets: its share with the 95 % interval.
select week, measure, share, low, high, numerator as conversations, denominator as of_conversations, n_people, status
from cells
where cut = 'week' and facet = 'all'
order by week, measure
