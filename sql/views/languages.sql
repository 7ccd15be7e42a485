-- One row per language and measure without facets: its share with the 95 % interval.
select
    facet as language,
    measure,
    share,
    low,
    high,
    numerator as conversations,
    denominator as of_conversations,
    n_people,
    status
from cells
where cut = 'language'
order by facet, measure
