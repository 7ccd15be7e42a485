-- One row per cluster and measure without facets, with the cluster's name where the cluster may be shown.
-- share is as labelled; corrected has the head's errors taken out, and state says why where it is null.
select facet::integer as cluster_id, name, all_numbers.* exclude (cut, domain, week, model, facet)
from all_numbers
left join cluster_names on facet::integer = cluster_names.cluster_id
where cut = 'cluster'
order by cluster_id, measure
