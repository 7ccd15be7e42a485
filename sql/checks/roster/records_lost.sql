-- Any row is a fault: a part whose records are not all in the roster, or are there more than once.
select parts.position, parts.n_records, count(roster.record) as n_in_roster
from parts
left join roster on parts.position = roster.position
group by all
having count(roster.record) <> parts.n_records
