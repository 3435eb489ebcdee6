"""Hostile requests made up by Hypothesis: usual ones with an oddity here and there."""

import re
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from portal.ratings.models import CAUSES, ELEMENTS
from tests.ratings import corpus
from tests.ratings.attacked import Attacked, fields


def mostly(usual: st.SearchStrategy, odd: st.SearchStrategy) -> st.SearchStrategy:
    """One oddity at a time gets further into the portal than ten."""
    return st.sampled_from([*[True] * 5, False]).flatmap(lambda plain: usual if plain else odd)


TEXT = st.one_of(
    st.sampled_from(corpus.TEXTS),
    st.text(max_size=60),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Cf", "Mn", "Nd"]), max_size=30),
    st.binary(max_size=40),
    st.builds(lambda text, times: text * times, st.text(max_size=8), st.integers(0, 3000)),
    st.integers().map(str),
)
TOKEN = mostly(
    st.just("{token}"),
    st.one_of(
        st.sampled_from(corpus.TOKENS),
        st.tuples(st.integers(0, 400), st.integers(1, 255)),  # where to spoil it, and by what
    ),
)
ANSWER = mostly(st.sampled_from(["1", "2", "3", "4"]), TEXT)
OTHER_NAME = st.one_of(
    st.sampled_from(["website", "token", "overall", "tries", "employee_id", "counts_for", ""]),
    st.text(max_size=12),
)
FIELD = st.one_of(
    st.tuples(st.sampled_from(ELEMENTS), ANSWER),
    st.tuples(st.just("cause"), st.one_of(st.sampled_from(CAUSES), TEXT)),
    st.tuples(st.just("who"), st.one_of(st.integers(-3, 9).map(lambda i: f"n{i}"), TEXT)),
    st.tuples(st.just("day"), st.one_of(st.integers(-3, 9).map(str), TEXT)),
    st.tuples(st.just("service"), st.one_of(st.integers(-3, 2**70).map(str), TEXT)),
    st.tuples(st.just("comment"), TEXT),
    st.tuples(OTHER_NAME, TEXT),
)


@st.composite
def hostile_forms(draw: st.DrawFn) -> tuple[bytes, str]:
    """A body with {token} in the token's place, and its content type."""
    token = draw(TOKEN)
    spoil = f"{{token:{token[0]}:{token[1]}}}" if isinstance(token, tuple) else token
    pairs = [("token", spoil), ("overall", draw(ANSWER)), *draw(st.lists(FIELD, max_size=6))]
    pairs = draw(st.permutations(pairs)) if draw(st.booleans()) else pairs
    if draw(st.integers(0, 5)):
        body = b"&".join(fields(v=value)[2:].join([_name(name), b""]) for name, value in pairs)
        body = body.replace(b"%7B", b"{").replace(b"%7D", b"}").replace(b"%3A", b":")
        kinds = st.just(corpus.CONTENT_TYPES[0])
    else:
        body = b"".join(_part(name, value) for name, value in pairs) + b"--B--\r\n"
        kinds = st.just("multipart/form-data; boundary=B")
    if draw(mostly(st.just(False), st.booleans())):
        place = draw(st.integers(0, len(body)))
        body = body[:place] + draw(st.binary(max_size=9)) + body[place + draw(st.integers(0, 3)) :]
    wrong = st.sampled_from(corpus.CONTENT_TYPES)
    return body, draw(mostly(kinds, wrong))


def _name(name: str) -> bytes:
    return quote_from_bytes(name.encode("utf-8", "surrogatepass")).encode() + b"="


def _part(name: str, value: str | bytes) -> bytes:
    raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    head = f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode("utf-8", "surrogatepass") + raw + b"\r\n"


_SPOILT = re.compile(rb"\{token(?::(\d+):(\d+))?\}")


def with_tokens(portal: Attacked, body: bytes, kind: int) -> bytes:
    """The body with genuine tokens, or with a genuine one that was spoilt, put in."""

    def token(found: re.Match[bytes]) -> bytes:
        text = portal.token(kind).encode()
        if found[1] is None:
            return text
        place = int(found[1]) % len(text)
        return text[:place] + bytes([text[place] ^ int(found[2])]) + text[place + 1 :]

    return _SPOILT.sub(token, body)


REQUEST = st.fixed_dictionaries(
    {},
    optional={
        "query": st.sampled_from(corpus.QUERIES),
        "cookie": st.sampled_from(corpus.COOKIES),
        "language": st.sampled_from(corpus.LANGUAGES),
        "length": st.sampled_from(corpus.LENGTHS),
    },
)
MORE = mostly(st.just({}), REQUEST)
ADDRESS = mostly(
    st.just("/n/{code}"),
    st.one_of(
        st.sampled_from(corpus.PATHS),
        st.binary(max_size=20).map(lambda raw: f"/n/{quote_from_bytes(raw)}"),
        st.binary(max_size=20).map(lambda raw: f"/t/{quote_from_bytes(raw)}"),
    ),
)
