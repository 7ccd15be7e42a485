-- One row per domain, week, model, language and cluster that was found, with a number that stands for it while counting.
select
    dimension,
    name,
    row_number() over (order by dimension, name)::integer as number
from (
    select distinct 'domain' as dimension, domain as name from facts where domain is not null
    union all select distinct 'week', week from facts
    union all select distinct 'model', model from facts
    union all select distinct 'language', language from facts
    union all select distinct 'cluster', cluster_id::varchar from facts where cluster_id is not null
)
