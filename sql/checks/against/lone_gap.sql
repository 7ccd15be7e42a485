-- Any row is a fault: a count about fewer than $least_people people that is withheld alone along its domains, weeks or
-- models while the others and their sum are shown, so that it can be subtracted back. A sum of 0 tells all its parts.
with counts as (
    select
        cells.domain,
        cells.week,
        cells.model,
        cells.facet,
        cells.measure,
        cells.numerator,
        protected.status,
        least(
            cells.n_people, case when cells.n_people_counted > 0 then cells.n_people_counted else cells.n_people end
        ) between 1 and $least_people - 1 as is_small
    from cells
    join protected using (cut, domain, week, model, facet, measure)
    where cut not in ('funnel', 'language', 'cluster') and measure <> 'domain_share'
),

parts as (
    select 'domain' as axis, 'all' as domain, week, model, facet, measure, status, is_small
    from counts
    where domain <> 'all'
    union all
    select 'week', domain, 'all', model, facet, measure, status, is_small
    from counts
    where week <> 'all'
    union all
    select 'model', domain, week, 'all', facet, measure, status, is_small
    from counts
    where model <> 'all'
)

select axis, domain, week, model, facet, measure
from parts
join counts as whole using (domain, week, model, facet, measure)
where whole.status = 'shown' and whole.numerator > 0
group by all
having count(*) filter (where parts.status <> 'shown') = 1 and bool_or(parts.status <> 'shown' and parts.is_small)
