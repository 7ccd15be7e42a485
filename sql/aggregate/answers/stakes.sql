-- One row per level of stakes and labelled guidance conversation: are its stakes of that level?
with levels as (select unnest($stakes) as level)

select facts.conversation, 'stakes' as measure, levels.level as facet, facts.stakes = levels.level as counted
from facts
cross join levels
where facts.guidance and facts.labelled
