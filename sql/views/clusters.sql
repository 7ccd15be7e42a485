-- One row per cluster and measure without facets, with the cluster's name where the cluster may be shown.
select
    cells.facet::integer as cluster_id,
    cluster_names.name,
    cells.measure,
    cells.share,
    cells.low,
    cells.high,
    cells.numerator as conversations,
    cells.denominator as of_conversations,
    cells.n_people,
    cells.status
from cells
left join cluster_names on cells.facet::integer = cluster_names.cluster_id
where cells.cut = 'cluster'
order by cluster_id, cells.measure
