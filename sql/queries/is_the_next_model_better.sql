-- One row per model: its sycophantic share, and whether its interval lies below that of every other model.
select
    one.model,
    one.share,
    one.low,
    one.high,
    one.judged,
    coalesce(bool_and(one.high < other.low), false) as clearly_lowest
from sycophancy as one
left join sycophancy as other on other.cut = 'model' and other.status = 'shown' and one.model <> other.model
where one.cut = 'model' and one.status = 'shown'
group by all
order by one.share nulls last, one.model
