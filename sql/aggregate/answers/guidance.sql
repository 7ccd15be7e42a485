-- One row per kept conversation that could be told: is it guidance? What glance dropped counts as not guidance.
select conversation, 'guidance' as measure, 'all' as facet, guidance as counted
from facts
where came_to in ('dropped_by_glance', 'not_guidance', 'guidance')
