-- One row per labelled guidance conversation: is a professional out of the person's reach?
select conversation, 'no_access' as measure, 'all' as facet, support_no_access as counted
from facts
where guidance and labelled
