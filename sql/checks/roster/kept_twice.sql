-- Any row is a fault: a conversation that is kept more than once.
select conversation_id, count(*) as n_kept
from roster
where outcome = 'kept'
group by all
having count(*) > 1
