-- One row per domain and week: its share of guidance, and how much that moved since the week shown before.
-- The rate is corrected where state says so, else as labelled; only rates of one state are held against each other.
with rated as (
    select domain, week, coalesce(corrected, share) as rate, state
    from domain_week
    where status = 'shown' and week <> 'unknown'
)

select domain, week, rate, state, rate - lag(rate) over (partition by domain, state order by week) as moved
from rated
order by week, domain
