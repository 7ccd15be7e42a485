-- One row per domain: how often the assistant pleased instead of helping there, the surest high rates first.
-- The rate is corrected where state says so, else as labelled. Sorted by the lower end of its interval, so that neither
-- a few conversations nor a poor head can take the lead by luck.
select
    domain,
    coalesce(corrected, share) as rate,
    coalesce(corrected_low, low) as rate_low,
    coalesce(corrected_high, high) as rate_high,
    state,
    sycophantic,
    judged
from sycophancy
where cut = 'domain' and status = 'shown'
order by rate_low desc nulls last
