-- One row per conversation that the screen told: does its probability of guidance lie where answers are often wrong?
select conversation, 'unsure' as measure, 'all' as facet, unsure as counted
from facts
where came_to in ('not_guidance', 'guidance')
