-- One row per group and drift error (evasive, rigid, harsh): the share of its judged conversations that show it.
select
    cells.cut,
    cells.domain,
    cells.week,
    cells.model,
    cells.facet as error,
    cells.share,
    cells.low,
    cells.high,
    rates.corrected,
    rates.corrected_low,
    rates.corrected_high,
    rates.state,
    cells.numerator as conversations,
    cells.denominator as judged,
    cells.n_people,
    cells.status
from cells
left join rates using (cut, domain, week, model, facet, measure)
where cells.measure = 'drift' and cells.cut not in ('language', 'cluster')
order by cells.cut, cells.domain, cells.week, cells.model, list_position(['evasive', 'rigid', 'harsh'], cells.facet)
