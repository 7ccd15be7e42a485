-- One row per domain and ISO week: the domain's share of the week's guidance conversations.
select domain, week, share, low, high, numerator as conversations, denominator as of_conversations, status
from cells
where cut = 'domain_week' and measure = 'domain_share'
order by week, domain
