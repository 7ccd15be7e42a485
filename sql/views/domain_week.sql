-- One row per domain and ISO week: the domain's share of the week's guidance conversations.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select * exclude (cut, model, measure, facet, n_people)
from all_numbers
where cut = 'domain_week' and measure = 'domain_share'
order by week, domain
