-- One row per guidance conversation in which the person spoke at least twice: did they press for validation?
select conversation, 'pressing' as measure, 'all' as facet, pressing as counted
from facts
where guidance and n_user_turns >= 2
