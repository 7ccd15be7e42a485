-- One row per domain and week: its share of guidance, and how much that moved since the week shown before.
select domain, week, share, share - lag(share) over (partition by domain order by week) as moved
from domain_week
where status = 'shown' and week <> 'unknown'
order by week, domain
