"""Recognisers of ways to reach somebody: mailboxes, handles, web and network addresses, also in disguise."""

import re

from guidance_atlas.stages.scrub.guards import decorator, defanged_ip, mailbox, spelt_address, spelt_site, web_address
from guidance_atlas.stages.scrub.rule import Rule, ignoring_case
from guidance_atlas.stages.scrub.scan import Digits, Hints, Near

# Suffixes of addresses that people write without a scheme: the commonest of the IANA root zone.
DOMAINS = (
    "com|net|org|edu|gov|io|co|me|info|biz|app|dev|ai|tv|us|uk|ca|de|fr|es|it|nl|eu|in|au|nz|jp|cn|kr|ru|ua|pl|br|"
    "mx|se|no|fi|dk|"
    "ch|at|be|ie|za|ng|ke|sg|my|ph|id|tr|ir|il|gr|pt|cz|ro|hu|xyz|online|site|shop|store|club|blog|link|gg|ly|to|bg|"
    "rs|hr|email"
)
_APP = (
    "instagram|insta|snapchat|snap|discord|username|telegram|twitter|tiktok|skype|gamertag|handle|ig|twitch|reddit|"
    "wechat|"
    "kik|psn|steam"
)

# "@" and "." as people write them for other people, but not for programs. "a" only in brackets.
_AT = (
    r"[*`]{0,3}\s{0,2}(?:@|[(\[{<] ?(?:at|@|a) ?[)\]}>]|[-_*~]at[-_*~]|\bat\b|&#0{0,4}64;|&#x0{0,4}40;|&commat;|%40|"
    r"\\u0040|\\@)\s{0,2}[*`]{0,3}"
)
_DOT = (
    r"\s{0,2}(?:\.|[(\[{<] ?(?:dot|\.) ?[)\]}>]|[-_*~]dot[-_*~]|\bdot\b|&#0{0,4}46;|&#x0{0,4}2e;|&period;|%2e|"
    r"\\u002e|\\\.)\s{0,2}"
)
_JOIN = rf"(?:{_DOT}|\s(?:underscore|dash|hyphen|minus|plus)\s)"
_SPELT = ignoring_case(
    rf"(?<![\w.+-])[\w.+%'-]{{1,64}}?(?:{_JOIN}[\w+%'-]{{1,64}}?){{0,3}}{_AT}"
    rf"[\w-]{{1,63}}?(?:(?:{_DOT}|\sdash\s)[\w-]{{1,63}}?){{0,3}}{_DOT}(?:{DOMAINS})\b"
)
_WHERE_SPELT = (
    Hints(("@",), before=140),
    Hints(("dot",), before=240, after=80, whole=True),
    Near(
        re.compile(
            r"\((?:at|@|a| at )\)|\[(?:at|@|a| at )\]|\{(?:at|@|a)\}|<at>|-at-|_at_|\*at\*|&#0{0,4}64;|&#x0{0,4}40;|"
            r"&commat;|"
            r"%40|\\u0040"
        ),
        140,
        120,
    ),
    Near(re.compile(rf" at [\w-]{{1,63}} ?\. ?(?:{DOMAINS})\b"), 140, 30),
)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"

RULES: tuple[Rule, ...] = (
    Rule(
        "EMAIL_ADDRESS",
        Hints(("@",)),
        ignoring_case(r"(?<![\w.+-])[\w.+%'-]{1,64} ?@ ?[\w-]{1,63}(?: ?\. ?[\w-]{1,63}){0,4}\.[^\W\d_]{2,24}\b"),
        0.95,
        mailbox,
    ),
    *(Rule("EMAIL_ADDRESS", where, _SPELT, 0.8, spelt_address) for where in _WHERE_SPELT),
    Rule(
        "EMAIL_ADDRESS",
        Hints((" @ ",)),
        re.compile(r"(?<!\S)(?:[\w.+-] ){2,40}@(?: [\w.-]){4,60}(?!\w)"),
        0.8,
    ),
    Rule(
        "HANDLE",
        Hints(("@",), before=4, after=40),
        re.compile(r"(?<![\w@.])@(?=\w*[A-Za-z])\w[\w.]{1,29}(?<!\.)"),
        0.7,
        decorator,
    ),
    Rule("HANDLE", Hints(("u/",), before=4, after=30), re.compile(r"(?<![\w./])/?u/[\w-]{3,20}(?![\w/])"), 0.7),
    Rule(
        "HANDLE",
        Hints(tuple(_APP.split("|")), before=4, after=90, whole=True),
        ignoring_case(
            rf"\b(?:{_APP})(?: (?:id|name|handle|user|is|username)){{0,2}} ?[-:=]? ?(?:is )?[\"'@]? ?"
            r"((?=[\w.#-]*[\d_.#])[a-z][\w.#-]{3,40}\w|[a-z]\w{0,20}(?: [._] ?\w{1,20}){1,4})"
        ),
        0.8,
    ),
    Rule(
        "URL",
        Near(re.compile(r":(?://|\]//|\\\\| //)|www\."), 12, 2100),
        ignoring_case(
            r"\b(?:(?:h(?:tt|xx)ps?|ftp|wss?) ?(?:\[:\]|:) ?(?://|\\\\)\s?|www\.[\w-]{1,63}\.)"
            r"(?:[^\s<>\"'`\])}\[({]|[(\[{](?:\.|dot|:)[)\]}]){2,2000}"
        ),
        0.9,
    ),
    Rule(
        "URL",
        Near(re.compile(r": ?//"), 12, 200),
        ignoring_case(
            r"\bh(?:tt|xx)ps? ?: ?// ?[\w-]{1,63}(?: ?(?:\.|\[\.\]|\(\.\)) ?[\w-]{1,63}){1,5}(?: ?/ ?[\w.-]{1,99}){0,5}"
        ),
        0.8,
    ),
    Rule(
        "URL",
        Near(re.compile(rf"\.(?:{DOMAINS})\b"), before=260, after=520),
        re.compile(
            rf"(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:{DOMAINS})\b(?:/[^\s<>\"'`\])}}]{{0,500}})?(?![\w@(])"
        ),
        0.6,
        web_address,
    ),
    Rule(
        "URL",
        Near(re.compile(r"\[\.\]|\(\.\)|\{\.\}|\(dot\)|\[dot\]|\{dot\}| dot "), 200, 140),
        ignoring_case(
            rf"(?<![\w@.-])(?:[a-z0-9-]{{1,63}}(?:[(\[{{](?:dot|\.)[)\]}}]|\.|\sdot\s)){{1,4}}(?:{DOMAINS})\b"
            r"(?:(?:/|\sslash\s)[\w.-]{1,99}){0,4}"
        ),
        0.6,
        spelt_site,
    ),
    Rule(
        "IP_ADDRESS",
        Digits(4, after=12),
        ignoring_case(
            rf"(?<![0-9.])({_OCTET}(?:\s?(?:\.|,|-|[(\[{{](?:\.|dot)[)\]}}]|\bdot\b|\\\.)\s?{_OCTET}){{3}})(?![0-9]|"
            rf"\.[0-9])"
        ),
        0.7,
        defanged_ip,
    ),
    Rule(
        "IP_ADDRESS",
        Hints(("dot",), before=40, after=60, whole=True, digits=True),
        ignoring_case(rf"(?<![0-9.])({_OCTET}(?:(?:[(\[{{]dot[)\]}}]|\sdot\s){_OCTET}){{3}})(?![0-9])"),
        0.85,
    ),
    Rule(
        "IP_ADDRESS",
        Hints(("[:",), before=20, after=80),
        ignoring_case(r"(?<![\w:])(?:[0-9a-f]{1,4}(?:\[::?\]|::?)){3,8}[0-9a-f]{1,4}(?![\w:])"),
        0.85,
    ),
)
