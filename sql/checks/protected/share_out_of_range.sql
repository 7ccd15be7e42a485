-- Any row is a fault: a share outside 0..1, outside its interval, or without anything to divide by.
select cut, domain, week, model, facet, measure, numerator, denominator, share, low, high
from protected
where
    numerator > denominator
    or not (0 <= low and low <= share and share <= high and high <= 1)
    or (share is not null) <> (coalesce(denominator, 0) > 0)
