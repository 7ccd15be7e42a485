-- Any row is a fault: a shown cell of which one person holds more than a quarter (or more than one of $least_people
-- would in any case): of what is counted, or of what it is a share of.
select cut, domain, week, model, facet, measure, cells.n_most, cells.n_most_counted
from cells
join protected using (cut, domain, week, model, facet, measure)
where
    protected.status = 'shown'
    and (
        coalesce(cells.n_most > greatest(0.25, 1 / $least_people) * cells.denominator, false)
        or case when cells.denominator is null then cells.n_most else cells.n_most_counted end
        > greatest(0.25, 1 / $least_people) * cells.numerator
    )
