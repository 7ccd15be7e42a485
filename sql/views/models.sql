-- One row per assistant's model and measure without facets: its share with the 95 % interval.
select model, measure, share, low, high, numerator as conversations, denominator as of_conversations, n_people, status
from cells
where cut = 'model' and facet = 'all'
order by model, measure
