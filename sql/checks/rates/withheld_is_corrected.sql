-- Any row is a fault: a rate of a withheld share that tells a number, or that does not say that it is withheld, and one
-- that says so of a share that is shown.
select cut, domain, week, model, facet, measure, status, state
from protected
join rates using (cut, domain, week, model, facet, measure)
where
    (status <> 'shown') <> (state = 'withheld')
    or (status <> 'shown' and coalesce(corrected, corrected_low, corrected_high) is not null)
