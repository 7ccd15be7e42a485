-- One row per kind of support and labelled guidance conversation: does the person mention it? 'all' is any of the four.
with mentioned as (
    select
        conversation,
        unnest([
            {'facet': 'all', 'counted': support_friends or support_family or support_professional or support_digital},
            {'facet': 'friends', 'counted': support_friends},
            {'facet': 'family', 'counted': support_family},
            {'facet': 'professional', 'counted': support_professional},
            {'facet': 'digital', 'counted': support_digital}
        ], recursive := true)
    from facts
    where guidance and labelled
)

select conversation, 'support' as measure, facet, counted
from mentioned
