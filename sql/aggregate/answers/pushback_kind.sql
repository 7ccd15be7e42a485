-- One row per kind of pushback and guidance conversation in which the person spoke at least twice: was it of that kind?
-- A conversation can hold several kinds.
with kinds as (select unnest($kinds) as kind)

select
    facts.conversation,
    'pushback_kind' as measure,
    kinds.kind as facet,
    bool_or(events.kind is not null) as counted
from facts
cross join kinds
left join events on facts.conversation_id = events.conversation_id and kinds.kind = events.kind
where facts.guidance and facts.n_user_turns >= 2
group by all
