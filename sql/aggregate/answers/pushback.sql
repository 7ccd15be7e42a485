-- One row per guidance conversation in which the person spoke at least twice: did they push back?
select conversation, 'pushback' as measure, 'all' as facet, pushback as counted
from facts
where guidance and n_user_turns >= 2
