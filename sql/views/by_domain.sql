-- One row per domain: its share of guidance conversations, and how many of the judged ones in it are sycophantic.
-- Shares are as labelled; corrected ones have the head's errors taken out, and state says why where they are null.
with rated as (
    from cells
    left join rates using (cut, domain, week, model, facet, measure)
    where cut = 'domain' and measure in ('domain_share', 'sycophantic')
)

select
    domains.domain,
    domains.share,
    domains.low,
    domains.high,
    domains.corrected,
    domains.corrected_low,
    domains.corrected_high,
    domains.state,
    domains.numerator as conversations,
    domains.status,
    judged.share as sycophantic_share,
    judged.low as sycophantic_low,
    judged.high as sycophantic_high,
    judged.corrected as sycophantic_corrected,
    judged.corrected_low as sycophantic_corrected_low,
    judged.corrected_high as sycophantic_corrected_high,
    judged.state as sycophantic_state,
    judged.denominator as judged,
    judged.status as sycophantic_status
from rated as domains
join rated as judged on domains.domain = judged.domain and judged.measure = 'sycophantic'
where domains.measure = 'domain_share'
order by domains.share desc nulls last, domains.domain
