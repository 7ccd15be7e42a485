-- One row per domain: how often the stakes are high, and how often people say they cannot reach a professional.
-- Rates are corrected where their state says so, else as labelled.
select
    stakes.domain,
    coalesce(stakes.corrected, stakes.share) as high_stakes,
    stakes.state as high_stakes_state,
    coalesce(support.corrected, support.share) as no_access,
    support.state as no_access_state
from stakes
left join support on stakes.domain = support.domain and support.cut = 'domain' and support.support = 'no_access'
where stakes.cut = 'domain' and stakes.stakes = 'high'
order by high_stakes desc nulls last, stakes.domain
