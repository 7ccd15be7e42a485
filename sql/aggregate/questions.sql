-- One row per measure and facet: its number, whether it is a share, and which groups are asked
-- (everybody: kept conversations, no domain; guidance: guidance conversations, every cut).
with every as (
    select 'conversations' as measure, 'all' as facet, false as is_share, 'everybody' as asked_of
    union all select 'guidance', 'all', true, 'everybody'
    union all select 'unsure', 'all', true, 'everybody'
    union all select 'guidance_conversations', 'all', false, 'guidance'
    union all select 'sycophantic', 'all', true, 'guidance'
    union all select 'sycophantic_with_pushback', 'all', true, 'guidance'
    union all select 'sycophantic_without_pushback', 'all', true, 'guidance'
    union all select 'sycophantic_after_pushback', 'all', true, 'guidance'
    union all select 'sycophantic_before_pushback', 'all', true, 'guidance'
    union all select 'pushback', 'all', true, 'guidance'
    union all select 'pressing', 'all', true, 'guidance'
    union all select 'pushback_kind', unnest($kinds), true, 'guidance'
    union all select 'drift', unnest($drift), true, 'guidance'
    union all select 'stakes', unnest($stakes), true, 'guidance'
    union all select 'support', unnest(['all', 'friends', 'family', 'professional', 'digital']), true, 'guidance'
    union all select 'no_access', 'all', true, 'guidance'
    union all select 'second_domain', 'all', true, 'guidance'
)

select
    row_number() over (order by measure, facet)::smallint as question,
    measure,
    facet,
    is_share,
    asked_of
from every
