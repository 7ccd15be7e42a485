"""Check digits: what a number must satisfy to be the number it looks like."""

# Characters of an IBAN by country: SWIFT IBAN registry, ISO 13616.
_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21,
    "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27,
    "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
COUNTRIES = frozenset(_LENGTHS)


def luhn(digits: str) -> bool:
    """Whether digits satisfy the Luhn formula (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def iban(shown: str) -> int:
    """How many characters at the start of a text are an IBAN, whatever marks stand between its characters; 0 if none."""
    places = [at for at, c in enumerate(shown) if c.isalnum()]
    length = _LENGTHS.get("".join(shown[at] for at in places[:2]).upper(), 0)
    if not length or len(places) < length:
        return 0
    account = "".join(shown[at] for at in places[:length]).upper()
    turned = account[4:] + account[:4]
    # ISO 7064, MOD 97-10: letters count from A = 10.
    return places[length - 1] + 1 if int("".join(str(int(c, 36)) for c in turned)) % 97 == 1 else 0
