-- One row per kept conversation: it counts.
select conversation_id, 'conversations' as measure, 'all' as facet, true as counted
from facts
