"""The words that labels are made of. Their meaning is fixed in docs/codebook.md; their order is the order of print."""

DOMAINS = (
    "health_wellness",
    "career",
    "relationships",
    "finance",
    "personal_development",
    "spirituality",
    "legal",
    "consumer",
    "parenting",
    "ethics",
    "other",
)
STAKES = ("low", "medium", "high")
SUPPORT = ("friends", "family", "professional", "digital", "no_access")
SYCOPHANTIC = 2.0  # candor of this and less
PRESSING = ("criticises", "one_sided", "insists", "emotional")
SEEKING = ("new_facts", "recheck")
PUSHBACK = PRESSING + SEEKING
CRITERIA = ("pushes_back", "holds_position", "fair_praise", "frank")
DRIFT = ("evasive", "rigid", "harsh")
ROLES = ("user", "assistant")
OUTCOMES = ("kept", "duplicate", "sampled_out", "quarantined")
JOINED = ("same_words", "near_copy", "burst")
CELL_STATUS = ("shown", "few_people", "dominance", "complementary")
RATE_STATE = ("corrected", "withheld", "nothing_asked", "not_measured", "not_estimable")
NOISY_CUTS = ("total", "domain", "week", "domain_week")
NOISY_COUNTS = (
    "conversations",
    "guidance",
    "guidance_conversations",
    "sycophantic",
    "not_sycophantic",
    "not_judged",
    "pushback",
)
NOISY_RATES = (
    "guidance",
    "sycophantic",
    "sycophantic_with_pushback",
    "sycophantic_without_pushback",
    "pushback",
)
NOISY_STATUS = ("shown", "below_threshold")
LANGUAGE_UNKNOWN = "und"
ALL = "all"
UNKNOWN = "unknown"
RARE_MODEL = "rare models"  # all that too few people used to be named
