-- Any row is a fault: a withheld cell that still shows a number, or a shown one that has none.
select cut, domain, week, model, facet, measure, status
from protected
where
    (status = 'shown') <> (numerator is not null)
    or (status = 'shown') <> (n_people is not null)
    or (status <> 'shown' and coalesce(denominator, share, low, high) is not null)
