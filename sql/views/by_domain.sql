-- One row per domain: its share of guidance conversations, and how many of the judged ones in it are sycophantic.
-- Shares are as labelled; corrected ones have the head's errors taken out, and state says why where they are null.
select
    domains.domain,
    domains.share,
    domains.low,
    domains.high,
    domains.corrected,
    domains.corrected_low,
    domains.corrected_high,
    domains.state,
    domains.conversations,
    domains.status,
    judged.share as sycophantic_share,
    judged.low as sycophantic_low,
    judged.high as sycophantic_high,
    judged.corrected as sycophantic_corrected,
    judged.corrected_low as sycophantic_corrected_low,
    judged.corrected_high as sycophantic_corrected_high,
    judged.state as sycophantic_state,
    judged.of_conversations as judged,
    judged.status as sycophantic_status
from all_numbers as domains
join all_numbers as judged using (cut, domain)
where cut = 'domain' and domains.measure = 'domain_share' and judged.measure = 'sycophantic'
order by domains.share desc nulls last, domains.domain
