-- One row per group and drift error (evasive, rigid, harsh): the share of its judged conversations that show it.
select * exclude (measure) rename (facet as error, of_conversations as judged)
from all_numbers
where measure = 'drift' and cut not in ('language', 'cluster')
order by cut, domain, week, model, list_position(['evasive', 'rigid', 'harsh'], facet)
