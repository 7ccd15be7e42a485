-- Any row is a fault: a group whose guidance conversations are withheld in one cell and shown in another.
select domain, week, model
from protected
where measure in ('guidance_conversations', 'domain_share') and cut not in ('language', 'cluster')
group by all
having
    bool_or(measure = 'guidance_conversations' and status <> 'shown')
    and bool_or(measure = 'domain_share' and status = 'shown')
