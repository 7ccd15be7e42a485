-- One row per conversation that is counted with noise, and per question it is counted for (among: told, all that could
-- be told to be guidance or not; guidance, those that are). Of each person at most $conversations a question, in at
-- most $cells cells, over the whole period: the first by conversation_id, a keyed hash, so what is said plays no part.
with told as (
    select
        person,
        conversation_id,
        week,
        case when guidance then 'guidance' else 'other' end as asked,
        coalesce(domain, 'unknown') as domain,
        case
            when sycophantic then 'sycophantic'
            when not sycophantic then 'not_sycophantic'
            else 'not_judged'
        end as verdict,
        case
            when n_user_turns < 2 then 'could_not'
            when pushback then 'pushback'
            else 'no_pushback'
        end as pushback
    from facts
    where came_to in ('dropped_by_glance', 'not_guidance', 'guidance')
),

candidates as (
    select 'told' as among, person, conversation_id, week, asked, 'all' as domain, 'all' as verdict, 'all' as pushback
    from told
    union all
    select 'guidance', person, conversation_id, week, asked, domain, verdict, pushback
    from told
    where asked = 'guidance'
),

chosen as (
    select
        among, person, week, asked, domain, verdict, pushback,
        min(conversation_id) over (
            partition by among, person, week, asked, domain, verdict, pushback
        ) as first_in_cell
    from (
        from candidates
        qualify row_number() over (partition by among, person order by conversation_id) <= $conversations
    )
)

select among, person, week, asked, domain, verdict, pushback
from chosen
qualify dense_rank() over (partition by among, person order by first_in_cell) <= $cells
