-- Any row is a fault: a shown cell with fewer than $least_people people behind it, behind what is counted, or behind
-- what is not.
select cut, domain, week, model, facet, measure, cells.n_people, cells.n_people_counted
from cells
join protected using (cut, domain, week, model, facet, measure)
where
    protected.status = 'shown'
    and (
        cells.n_people between 1 and $least_people - 1
        or cells.n_people_counted between 1 and $least_people - 1
        or (cells.numerator < cells.denominator and cells.n_people::bigint - cells.n_people_counted::bigint < $least_people)
    )
