-- Any row is a fault: a model is named although fewer than $least_people people used it. No name: what is named may be
-- a secret.
select cut, measure, n_people
from cells
where
    cut = 'model'
    and measure = 'conversations'
    and model not in ('unknown', $rare_model)
    and n_people < $least_people
