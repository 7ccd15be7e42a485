-- Any row is a fault: a corrected share outside 0..1 or outside its interval, one without a share that it corrects, or
-- a number where the state says that there is none.
select cut, domain, week, model, facet, measure, corrected, corrected_low, corrected_high, state
from rates
join protected using (cut, domain, week, model, facet, measure)
where
    not (0 <= corrected_low and corrected_low <= corrected and corrected <= corrected_high and corrected_high <= 1)
    or (state = 'corrected' and (corrected + corrected_low + corrected_high + share) is null)
    or (state <> 'corrected' and coalesce(corrected, corrected_low, corrected_high) is not null)
