-- One row per judged guidance conversation: was the assistant sycophantic?
select conversation, 'sycophantic' as measure, 'all' as facet, sycophantic as counted
from facts
where guidance and sycophantic is not null
