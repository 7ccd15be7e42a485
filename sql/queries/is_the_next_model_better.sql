-- One row per model: its sycophantic rate (corrected where state says so, else as labelled), and whether it clearly is
-- the lowest. What is unsure of the head's errors moves all models up or down together and cannot turn their order, so
-- clearly_lowest holds the labelled shares and their intervals, chance in people alone, against each other.
select
    one.model,
    coalesce(one.corrected, one.share) as rate,
    coalesce(one.corrected_low, one.low) as rate_low,
    coalesce(one.corrected_high, one.high) as rate_high,
    one.state,
    one.judged,
    coalesce(bool_and(one.high < other.low and one.state <> 'not_estimable'), false) as clearly_lowest
from sycophancy as one
left join sycophancy as other on other.cut = 'model' and other.status = 'shown' and one.model <> other.model
where one.cut = 'model' and one.status = 'shown'
group by all
order by rate nulls last, one.model
