-- Any row is a fault: a share that is not numerator / denominator, or lies outside its interval.
select cut, domain, week, model, facet, measure, numerator, denominator, share, low, high
from cells
where
    share is distinct from case when denominator > 0 then numerator::double / denominator end
    or (share is not null) <> (low is not null and high is not null)
    or not (0 <= low and low <= share and share <= high and high <= 1)
