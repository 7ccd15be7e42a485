-- Any row is a fault: a domain that is missing from the shares of all guidance.
with domains as (select unnest($domains) as domain)

select domains.domain
from domains
anti join (select domain from cells where cut = 'domain' and measure = 'domain_share') as counted using (domain)
