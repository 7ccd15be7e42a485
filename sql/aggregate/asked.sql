-- One row per answer: the question, who was asked, and by number what the conversation is cut by.
-- A million people's answers by name would take four times the room.
with who as (
    select
        facts.conversation,
        facts.person::integer as person,
        domains.number as domain,
        weeks.number as week,
        models.number as model,
        languages.number as language,
        clusters.number as cluster
    from facts
    join names as weeks on weeks.dimension = 'week' and facts.week = weeks.name
    join names as models on models.dimension = 'model' and facts.model = models.name
    join names as languages on languages.dimension = 'language' and facts.language = languages.name
    left join names as domains on domains.dimension = 'domain' and facts.domain = domains.name
    left join names as clusters on clusters.dimension = 'cluster' and facts.cluster_id::varchar = clusters.name
)

select
    questions.question,
    answers.counted,
    who.person,
    who.domain,
    who.week,
    who.model,
    who.language,
    who.cluster
from answers
join who using (conversation)
join questions using (measure, facet)
