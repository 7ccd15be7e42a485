-- One row per drift error and judged guidance conversation: did one of the assistant's turns show it?
with errors as (select unnest($drift) as error)

select
    facts.conversation,
    'drift' as measure,
    errors.error as facet,
    case errors.error when 'evasive' then facts.evasive when 'rigid' then facts.rigid else facts.harsh end as counted
from facts
cross join errors
where facts.guidance and facts.sycophantic is not null
