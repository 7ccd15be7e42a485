-- Any row is a fault: a record that is not kept and does not say why, or is kept and has no conversation.
select position, record, outcome
from roster
where (outcome = 'kept') <> (code is null) or (outcome = 'kept' and conversation_id is null)
