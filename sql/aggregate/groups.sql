-- One row per group that is counted: the cut, and its domain, week, model and slice (a language or a cluster).
-- Every domain is there, also without conversations; weeks, models and languages are those of kept conversations.
with domains as (
    select unnest($domains) as domain
    union
    select domain from facts where guidance
)

select 'total' as cut, 'all' as domain, 'all' as week, 'all' as model, 'all' as slice
union all select 'domain', domain, 'all', 'all', 'all' from domains
union all select distinct 'week', 'all', week, 'all', 'all' from facts
union all select distinct 'model', 'all', 'all', model, 'all' from facts
union all select distinct 'domain_week', domains.domain, facts.week, 'all', 'all' from facts cross join domains
union all select distinct 'domain_model', domains.domain, 'all', facts.model, 'all' from facts cross join domains
union all
select distinct 'domain_week_model', domains.domain, facts.week, facts.model, 'all'
from facts
cross join domains
union all select distinct 'language', 'all', 'all', 'all', language from facts
union all select distinct 'cluster', 'all', 'all', 'all', cluster_id::varchar from facts where cluster_id is not null
