-- One row per measure over everything: its share with the 95 % interval, of how many conversations and people.
select measure, facet, share, low, high, numerator as conversations, denominator as of_conversations, n_people, status
from cells
where cut = 'total'
order by measure, facet <> 'all', facet
