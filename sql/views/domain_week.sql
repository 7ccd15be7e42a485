-- One row per domain and ISO week: the domain's share of the week's guidance conversations.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select
    domain,
    week,
    share,
    low,
    high,
    corrected,
    corrected_low,
    corrected_high,
    state,
    numerator as conversations,
    denominator as of_conversations,
    status
from cells
left join rates using (cut, domain, week, model, facet, measure)
where cut = 'domain_week' and measure = 'domain_share'
order by week, domain
