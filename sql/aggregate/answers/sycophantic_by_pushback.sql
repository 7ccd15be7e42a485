-- One row per judged guidance conversation: was the assistant sycophantic, where the person pushed back and where not?
select
    conversation,
    case when pushback then 'sycophantic_with_pushback' else 'sycophantic_without_pushback' end as measure,
    'all' as facet,
    sycophantic as counted
from facts
where guidance and sycophantic is not null
