-- One row per guidance conversation: it counts.
select conversation, 'guidance_conversations' as measure, 'all' as facet, true as counted
from facts
where guidance
