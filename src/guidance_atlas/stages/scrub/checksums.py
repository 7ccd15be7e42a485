"""Check digits: what a number must satisfy to be the number it looks like."""

import re

# Characters of an IBAN by country: SWIFT IBAN registry, ISO 13616.
_LENGTHS = {
    code[:2]: int(code[2:])
    for code in re.findall(
        r"\w+",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 "
        "FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 "
        "LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 "
        "SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20",
    )
}
COUNTRIES = frozenset(_LENGTHS)


def luhn(digits: str) -> bool:
    """Whether digits satisfy the Luhn formula (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def iban(shown: str) -> int:
    """How many characters at the start of a text are an IBAN, whatever marks stand between its characters; 0 if "
    "none."""
    places = [at for at, c in enumerate(shown) if c.isalnum()]
    length = _LENGTHS.get("".join(shown[at] for at in places[:2]).upper(), 0)
    if not length or len(places) < length:
        return 0
    account = "".join(shown[at] for at in places[:length]).upper()
    turned = account[4:] + account[:4]
    # ISO 7064, MOD 97-10: letters count from A = 10.
    return places[length - 1] + 1 if int("".join(str(int(c, 36)) for c in turned)) % 97 == 1 else 0
