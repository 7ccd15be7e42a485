-- One row per domain: how often the stakes are high, and how often people say they cannot reach a professional.
select stakes.domain, stakes.share as high_stakes, support.share as no_access
from stakes
left join support on stakes.domain = support.domain and support.cut = 'domain' and support.support = 'no_access'
where stakes.cut = 'domain' and stakes.stakes = 'high'
order by high_stakes desc nulls last, stakes.domain
