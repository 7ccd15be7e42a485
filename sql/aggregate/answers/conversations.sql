-- One row per kept conversation: it counts.
select conversation, 'conversations' as measure, 'all' as facet, true as counted
from facts
