"""Themes of comments by lists of keywords: what is spoken of, never whether it is praise or blame.

Each theme belongs to an element of the rating (ramah, cakap, cekatan) or to a cause that is not
the person. The words are Indonesian as it is written on a telephone, with Javanese, Sundanese,
Minang, Betawi and English ones. A change of the lists is a new VERSION, which pages and reports
name: counts of two versions are not held against each other.
"""

import re
from functools import cache

from portal.ratings.masking import MASK

VERSION = "2026-12"
# Beginnings of words; with = before it the whole word.
KEYWORDS: dict[str, str] = {
    "ramah": """
        ramah senyum sopan santun sabar galak judes jutek ketus cuek bentak marah sinis angkuh
        sombong =kasar ngegas menyapa disapa sapaan melayani =hormat
        grapyak sumeh mbentak mrengut =nesu =sengak someah someh =sareh =berang =pamberang
        =friendly =polite =rude =kind =patient =smile smiling
    """,
    "cakap": """
        jelas paham mengerti ngerti terampil pintar pandai ahli menguasai profesional teliti
        salah keliru bingung =info informasi =tahu =tau
        mudeng =pinter =lantip =bener =ngarti surti =lihai =santiang
        =clear explain =knowledgeable confus mistake =wrong
    """,
    "cekatan": """
        cepat cepet =kilat gesit sigap tanggap cekatan =lambat lelet =lama lemot antre antri
        nunggu tunggu berjam tepat =molor telat terlambat
        =suwe =suwi =gage =gelis =gancang =geuwat =lila =elat =lamo
        =fast =quick =slow queue =wait =waited =waiting =prompt
    """,
    "procedure": """
        syarat berkas prosedur aturan ribet rumit berbelit bolak fotokopi fotocopy formulir
        dokumen persyaratan =rt =rw pengantar alur biaya gratis
        =mbulet =ruwet riweuh =bulak =balik-balik
        requirement document procedure =form paperwork
    """,
    "facility": """
        kursi =panas gerah =ac kipas toilet =wc parkir sempit kotor bersih ruang tempat =duduk
        mushola musala difabel =lansia =kamar =papan petunjuk nyaman
        =sumuk =sumpek =hareudang =palak
        =chair =hot parking =clean =dirty =room =seat
    """,
    "system": """
        sistem server jaringan internet sinyal =offline =online aplikasi website =web error
        gangguan =macet =hang komputer printer mesin blangko =wifi
        =down system network computer =app
    """,
}
# Where one waits is a place: its name says nothing of a wait.
_PLACE = re.compile(
    r"(?<!\w)(?:(ruang(?:an)?|kursi|bangku|tempat|area)\s+(?:t|n|men)unggu\w*"
    r"|waiting\s+(room|area|hall))",
    re.IGNORECASE,
)
_PREFIX = r"(?:ber|di|ke|me|men|mem|pe|pen|se|ter)?"


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {name: _pattern(words.split()) for name, words in KEYWORDS.items()}


def _pattern(words: list[str]) -> re.Pattern[str]:
    whole = "|".join(re.escape(word[1:]) for word in words if word.startswith("="))
    begun = "|".join(re.escape(word) for word in words if not word.startswith("="))
    return re.compile(rf"(?<!\w)(?:(?:{whole})(?!\w)|{_PREFIX}(?:{begun}))", re.IGNORECASE)


def themes_of(text: str) -> list[str]:
    """The themes that a comment speaks of, in their order; what a mask covers says nothing."""
    plain = _PLACE.sub(r"\1\2", MASK.sub(" ", text))
    return [name for name, pattern in _patterns().items() if pattern.search(plain)]
