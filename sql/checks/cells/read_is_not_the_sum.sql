-- Any row is a fault: a step of the funnel that is not the sum of the steps it splits into.
with steps as (
    select measure, numerator
    from cells
    where cut = 'funnel' and facet = 'all'
),

splits as (
    select whole, parts
    from (
        values
            ('read', ['kept', 'duplicate', 'sampled_out', 'quarantined']),
            ('kept', ['language_unsupported', 'unscored', 'dropped_by_glance', 'screened']),
            ('screened', ['guidance', 'not_guidance'])
    ) as given(whole, parts)
)

select splits.whole, whole.numerator as n_whole, sum(part.numerator) as n_parts
from splits
join steps as whole on splits.whole = whole.measure
join steps as part on list_contains(splits.parts, part.measure)
group by all
having sum(part.numerator) <> whole.numerator
