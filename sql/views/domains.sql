-- One row per domain: its share of all guidance conversations.
select domain, share, low, high, numerator as conversations, denominator as of_conversations, status
from cells
where cut = 'domain' and measure = 'domain_share'
order by share desc nulls last, domain
