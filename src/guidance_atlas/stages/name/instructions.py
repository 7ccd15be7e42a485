"""Sentences that speak to a machine which reads conversations, instead of asking for something: cut before naming.

What an attacker writes at whoever summarises, labels or names (Greshake and others 2023, indirect prompt injection) is
no topic of anybody's life. The patterns are few and broad: an honest sentence lost costs a name nothing, since a term
needs many people. They are no wall; the closed list of words and the count of people are.
"""

import polars as pl

_READER = (
    r"(?:summari[sz]er|summari[sz]ation|classifier|annotator|labell?er|labell?ing|cluster(?:er|ing)?|"
    r"language model|llm|ai|ai model)s?"
)
_ORDERS = r"(?:instructions?|prompts?|guidelines|rules|polic(?:y|ies)|filters?|system message)"
_UNDO = r"(?:ignor(?:e|ing)|disregard|forget|overrid(?:e|es|ing)|bypass|prioriti[sz]e|skip|pretend)"
_PRODUCT = r"(?:summar(?:y|ies)|cluster|facet|topic (?:name|label)|generated title|output)"
_SPEAKING_TO = r"(?:attention|note to|dear|to (?:the|whatever)|as (?:the|a)|if you(?:'re| are) (?:an?|the)|for the|to)"
_MUST = r"(?:must|should|includes?|contains?|mentions?|quote|is called|description)"
_WRITE = r"(?:includ|mention|quot|add|put|keep|writ|repeat|preserv|output|respond|return)\w*"
_PATTERNS = (
    # roles and markup of prompts
    r"(?m:^|[.!?]\s*)\s*(?:system|assistant|human|user|classifier|annotator)\s*[:,]",
    r"<\|?/?(?:im_start|im_end|system|assistant|instructions?|prompt)\b[^>]*>",
    r"\[/?(?:inst|sys|system)\]|<</?sys>>|```\s*system|#{2,}\s*(?:instruction|system|response|task)",
    r"[\"'](?:role|content)[\"']\s*:",
    r"\b(?:begin|end) (?:of )?(?:the )?(?:system|conversation|transcript|prompt)\b",
    r"\b(?:system prompt|system message|developer mode|jailbreak|training data)\b",
    # taking orders back
    rf"\b{_UNDO}\b.{{0,40}}\b(?:your|previous|prior|earlier|above|privacy|safety|all)\b.{{0,20}}\b{_ORDERS}\b",
    rf"\b{_UNDO}\b (?:everything|all|anything) (?:above|before|you)|\bdisregard the above\b",
    rf"\b(?:overrid\w*|prioriti[sz]e|ignore|bypass)\b.{{0,30}}\b(?:instruction|{_ORDERS}|filter)\b",
    r"\byou are no longer\b|\byou are now (?:a |an )?(?:dan|free|unrestricted|in )",
    r"\b(?:new|your|important|these|this|user|following) (?:new )?instructions?\b",
    r"\b(?:your )?new task\b[^.]{0,10}\b(?:is to|:)",
    # speaking to the reader
    rf"\b{_SPEAKING_TO}\b.{{0,20}}\b{_READER}\b",
    r"\b(?:ai|language) models?\b.{0,20}\b(?:must|should|process)",
    # what the reader is to write
    rf"\b(?:in|your|the|make sure the|ensure that the) (?:your )?{_PRODUCT}\b.{{0,20}}\b{_MUST}\b",
    rf"\b{_WRITE}\b.{{0,60}}\b(?:in|to|as|with|of) (?:the |your |this |a )?(?:{_PRODUCT}|json|description of)\b",
    r"\b(?:name|title|label|call|describe|group) (?:of )?(?:this|the) (?:cluster|group after|topic)\b",
    r"\b(?:name|title|label|call|describe|group) (?:of )?(?:this|the) (?:conversation as|facet)",
    r"\b(?:in your summary|when (?:you )?summari[sz]\w* (?:this|the|you)|when you summari[sz]e)\b|\bjson\b",
    r"\bwh(?:o|at)ever (?:model|ai|summari[sz]es|processes|labels|names)\b",
    r"\b(?:mark|label|classify|assign) this (?:conversation|chat|message|to)\b",
    r"\b(?:topic|title|facet|cluster)(?: name| label| description)? ?(?:to|for this|:|must be|after) ",
    r"\b(?:the|this) user'?s (?:full )?(?:name|words|data|details|message|home|diagnosis|age|employer)\b",
    r"\b(?:not|skip the|no) (?:anonymi[sz]|redact|apply any privacy)|\bverbatim\b|\bword for word\b",
    r"\bextract all\b|\bdata extractor\b|\b(?:identifying|personal) (?:details|information) ?(?:\.|$)",
)
# The rest of the line goes too: what follows an order is part of it.
_SENTENCE = rf"(?i)[^.!?\n]*(?:{'|'.join(_PATTERNS)})[^\n]*"


def without_instructions(text: pl.Expr) -> pl.Expr:
    """The text with each sentence that instructs a machine cut, to the end of its line; linear in the text."""
    return text.str.replace_all(_SENTENCE, " . ")
