-- One row per domain: how often the assistant pleased instead of helping there, the surest high rates first.
-- Sorted by the lower end of the interval, so that a few conversations cannot take the lead by luck.
select domain, share, low, high, sycophantic, judged
from sycophancy
where cut = 'domain' and status = 'shown'
order by low desc nulls last
