-- One row per kept conversation: who, when, which model and language, how far it came, and all that was found in it.
-- came_to is one of language_unsupported, dropped_by_glance, unscored, not_guidance, guidance.
with pressed as (
    select
        conversation_id,
        bool_or(presses) as pressing,
        min(turn) filter (where presses) as first_pressing_turn
    from events
    group by all
),

judged_turns as (
    select
        turn_verdicts.conversation_id,
        bool_or(turn_verdicts.turn > pressed.first_pressing_turn) as judged_after_pressing,
        bool_or(turn_verdicts.turn < pressed.first_pressing_turn) as judged_before_pressing
    from turn_verdicts
    join pressed using (conversation_id)
    where turn_verdicts.sycophantic is not null
    group by all
),

-- A model's name comes out of the logs as it stands there: too few people behind it, and it could name them.
models as (
    select conversations.model
    from conversations
    left join clumps using (person_key)
    group by all
    having count(distinct coalesce(clumps.counted_as, conversations.person_key)) >= $least_to_name
),

reached as (
    select
        conversations.conversation_id,
        case
            when glanced.conversation_id is null then 'unscored'
            when not glanced.kept and glanced.reason = 'language' then 'language_unsupported'
            when not glanced.kept then 'dropped_by_glance'
            when screened.guidance then 'guidance'
            when not screened.guidance then 'not_guidance'
            when screened.reason = 'language' then 'language_unsupported'
            else 'unscored'
        end as came_to,
        case
            when glanced.conversation_id is null then 'not_glanced'
            when screened.conversation_id is null then 'not_screened'
            else coalesce(screened.reason, 'unknown')
        end as unscored_reason
    from conversations
    left join glanced using (conversation_id)
    left join screened using (conversation_id)
)

select
    -- A number takes a quarter of the room of an id, of which everything that follows holds many.
    row_number() over () as conversation,
    conversations.conversation_id,
    -- Accounts that say the same count as one person.
    dense_rank() over (order by coalesce(clumps.counted_as, conversations.person_key)) as person,
    coalesce(conversations.week, 'unknown') as week,
    -- A source may call its model anything, also by the word that stands for every model.
    case
        when coalesce(conversations.model, 'all') = 'all' then 'unknown'
        when models.model is null then $rare_model
        else conversations.model
    end as model,
    case
        when coalesce(conversations.language, 'und') in ('und', 'all') then 'unknown' else conversations.language
    end as language,
    conversations.n_user_turns,
    reached.came_to,
    case when reached.came_to = 'unscored' then reached.unscored_reason end as unscored_reason,
    reached.came_to = 'guidance' as guidance,
    case when reached.came_to = 'guidance' then coalesce(labels.domain, 'unknown') end as domain,
    case when reached.came_to = 'guidance' then clusters.cluster_id end as cluster_id,
    labels.conversation_id is not null as labelled,
    labels.domain_2,
    labels.stakes,
    labels.support_friends,
    labels.support_family,
    labels.support_professional,
    labels.support_digital,
    labels.support_no_access,
    pressed.conversation_id is not null as pushback,
    coalesce(pressed.pressing, false) as pressing,
    pressed.first_pressing_turn,
    coalesce(judged_turns.judged_after_pressing, false) as judged_after_pressing,
    coalesce(judged_turns.judged_before_pressing, false) as judged_before_pressing,
    verdicts.sycophantic,
    verdicts.first_sycophantic_turn,
    verdicts.evasive,
    verdicts.rigid,
    verdicts.harsh,
    screened.unsure
from conversations
join reached using (conversation_id)
left join clumps using (person_key)
left join models on conversations.model = models.model
left join labels using (conversation_id)
left join clusters using (conversation_id)
left join pressed using (conversation_id)
left join judged_turns using (conversation_id)
left join verdicts using (conversation_id)
left join screened using (conversation_id)
