-- One row per domain: its share of all guidance conversations.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select * exclude (cut, week, model, measure, facet, n_people)
from all_numbers
where cut = 'domain' and measure = 'domain_share'
order by share desc nulls last, domain
