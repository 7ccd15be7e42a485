"""What the figures of the development rows stand beside: floors, targets and what people agree on, by figure."""

# What a plain regression on frozen vectors reaches.
FLOORS = {
    "guidance F1": 0.73,
    "guidance average precision": 0.78,
    "guidance F1, natural draw": 0.60,
    "domain accuracy": 0.75,
    "domain macro-F1": 0.64,
    "candor Spearman": 0.29,
    "sycophantic AUC": 0.73,
    "candid above pleasing, written pairs held out": 0.57,
}
TARGETS = {
    "guidance F1": 0.88,
    "guidance average precision": 0.93,
    "guidance F1, natural draw": 0.82,
    "domain accuracy": 0.90,
    "domain macro-F1, domains of 8 rows and more": 0.85,
    "stakes quadratic kappa": 0.60,
    "people found, WNUT17 test": 0.85,
    "people found, BTC section F": 0.85,
    "people and places found, private chats": 0.90,
    "pushback F1, user turns": 0.88,
    "kind macro-F1, of true pushback": 0.65,
    "candor Spearman": 0.70,
    "sycophantic AUC": 0.90,
    "candor Spearman with three people, AITA": 0.55,
    "candid above pleasing, written pairs held out": 0.92,
}
# Two careful annotators on the same rows; candor with three people as Spearman, without its sign.
PEOPLE = {
    "guidance F1": 0.94,
    "stakes quadratic kappa": 0.77,
    "candor quadratic kappa": 0.92,
    "candor Spearman with three people, AITA": 0.73,
}
