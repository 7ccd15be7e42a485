-- One row per step that records take, from read to guidance, and per reason of each step that has reasons.
select measure as step, facet as reason, numerator as records, status
from cells
where cut = 'funnel'
order by
    list_position(
        [
            'read', 'duplicate', 'quarantined', 'sampled_out', 'kept', 'language_unsupported', 'unscored',
            'dropped_by_glance', 'screened', 'not_guidance', 'guidance'
        ],
        measure
    ),
    facet <> 'all',
    facet
