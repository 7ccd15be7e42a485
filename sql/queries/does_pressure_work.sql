-- One row per domain: sycophancy before and after the person's first pressing pushback, side by side.
-- Both rates are of conversations judged on that side of it, corrected where their state says so, else as labelled; the
-- difference is no proof of a cause.
with sides as (
    select domain, pushback, coalesce(corrected, share) as rate, state, judged
    from sycophancy_and_pushback
    where cut = 'domain' and status = 'shown'
)

select
    domain,
    max(rate) filter (where pushback = 'before') as before,
    max(state) filter (where pushback = 'before') as before_state,
    max(rate) filter (where pushback = 'after') as after,
    max(state) filter (where pushback = 'after') as after_state,
    max(judged) filter (where pushback = 'after') as judged_after
from sides
group by domain
order by after desc nulls last, domain
