-- Any row is a fault: a cell that was counted and is not among the protected ones, or the other way round.
select cut, domain, week, model, facet, measure, cells.cut is null as never_counted
from cells
full join protected using (cut, domain, week, model, facet, measure)
where cells.cut is null or protected.cut is null
