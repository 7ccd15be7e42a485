-- Any row is a fault: a shown count that is not a multiple of $round_to, or lies further than that from the truth.
select cut, domain, week, model, facet, measure
from cells
join protected using (cut, domain, week, model, facet, measure)
where
    protected.numerator % $round_to <> 0
    or protected.denominator % $round_to <> 0
    or protected.n_people % $round_to <> 0
    or abs(protected.numerator::bigint - cells.numerator::bigint) >= $round_to
    or abs(protected.denominator::bigint - cells.denominator::bigint) >= $round_to
