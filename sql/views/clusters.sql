-- One row per cluster and measure without facets, with the cluster's name where the cluster may be shown.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select
    facet::integer as cluster_id,
    cluster_names.name,
    measure,
    share,
    low,
    high,
    corrected,
    corrected_low,
    corrected_high,
    state,
    numerator as conversations,
    denominator as of_conversations,
    cells.n_people,
    status
from cells
left join rates using (cut, domain, week, model, facet, measure)
left join cluster_names on facet::integer = cluster_names.cluster_id
where cut = 'cluster'
order by cluster_id, measure
