"""Masks personal numbers in a comment, and notices words that are for the inspector only."""

import re

MASK = "▇▇▇"  # read by people as blacked out; contains no letter or digit
LONGEST = 1000

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# NIK has 16 digits, NIP and NI PPPK 18; people write them with spaces, dots or dashes between.
_LONG_NUMBER = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){12,19}(?!\d)")
# An Indonesian mobile number as it is typed, also where the phone library doubts it.
_MOBILE = re.compile(r"(?<!\d)(?:\+?62|0)[ .\-]?8(?:[ .\-]?\d){7,11}(?!\d)")

# Money asked for, harassment, discrimination, in the languages of the citizen's page. Words of
# a few letters are bound to word borders, so that "tip" does not stand in "tipis".
_FOR_INSPECTOR = re.compile(
    r"pungli|pungutan liar|\bsuap|sogok|pelicin|\bamplop|\bcalo\b|"
    r"(?:di)?minta(?:i|in)? (?:uang|duit|bayar|tambahan|imbalan|fee|tip\b)|"
    r"uang (?:rokok|kopi|lelah|jasa|tips?\b|damai|terima kasih)|bayar (?:lebih|di luar|tambahan)|"
    r"tanpa kuitansi|lecehkan|pelecehan|dilecehkan|meraba|diraba|colek|cabul|"
    r"\brasis|diskriminasi|dibeda-?bedakan|"
    r"(?:di)?jaluki? (?:dhuwit|duit)|njaluk (?:dhuwit|duit)|"  # Javanese
    r"(?:di)?p[eé]nta(?:an)? (?:duit|artos)|m[eé]nta (?:duit|artos)|"  # Sundanese
    r"\bbribe|asked (?:me )?for money|extra (?:money|payment|fee)|harass|groped?\b|racis[mt]",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """The comment with numbers and addresses of persons blacked out; nothing else is changed."""
    text = text.strip()[:LONGEST]
    for pattern in (_EMAIL, _LONG_NUMBER, _MOBILE):
        text = pattern.sub(MASK, text)
    return _mask_phones(text) if sum(letter.isdigit() for letter in text) >= 7 else text


def _mask_phones(text: str) -> str:
    """Other telephone numbers; the library is large and is loaded only when a comment has one."""
    from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415

    found = list(PhoneNumberMatcher(text, "ID", leniency=Leniency.VALID))
    for match in reversed(found):
        text = text[: match.start] + MASK + text[match.end :]
    return text


def for_inspector(text: str) -> bool:
    """Whether the words allege a levy, harassment or discrimination."""
    return bool(_FOR_INSPECTOR.search(text))
