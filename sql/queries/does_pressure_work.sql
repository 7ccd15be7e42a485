-- One row per domain: sycophancy before and after the person's first pressing pushback, side by side.
-- Both rates are of conversations judged on that side of it; the difference is no proof of a cause.
select
    domain,
    max(share) filter (where pushback = 'before') as before,
    max(share) filter (where pushback = 'after') as after,
    max(judged) filter (where pushback = 'after') as judged_after
from sycophancy_and_pushback
where cut = 'domain' and status = 'shown'
group by domain
order by after desc nulls last, domain
