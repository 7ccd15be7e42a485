-- Any row is a fault: a numerator above its denominator, or more people counted than there are.
select cut, domain, week, model, facet, measure, numerator, denominator, n_people, n_people_counted
from cells
where
    numerator > denominator
    or n_people_counted > n_people
    or n_people_counted > numerator
    or (numerator > 0) <> (n_people_counted > 0)
