-- One row per domain: its share of guidance conversations, and how many of the judged ones in it are sycophantic.
select
    domains.domain,
    domains.share,
    domains.low,
    domains.high,
    domains.numerator as conversations,
    domains.status,
    judged.share as sycophantic_share,
    judged.low as sycophantic_low,
    judged.high as sycophantic_high,
    judged.denominator as judged,
    judged.status as sycophantic_status
from cells as domains
join cells as judged
    on
        domains.domain = judged.domain
        and judged.cut = 'domain'
        and judged.measure = 'sycophantic'
where domains.cut = 'domain' and domains.measure = 'domain_share'
order by domains.share desc nulls last, domains.domain
