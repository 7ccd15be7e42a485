-- One row per labelled guidance conversation: does it belong to a second domain too?
select conversation, 'second_domain' as measure, 'all' as facet, domain_2 is not null as counted
from facts
where guidance and labelled
