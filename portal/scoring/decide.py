"""From probabilities to advice, with false-discovery control (section 7)."""

import numpy as np

from .data import Advice, Codes, Flags, Floats, Keys, Scores
from .policy import Policy


def advise(scores: Scores, policy: Policy) -> Advice:
    """Award and guidance candidates, `none`, or `insufficient`.

    A candidate passes the absolute standard with the policy's certainty, has enough ratings and
    reliability, and stands inside the largest list whose expected share of wrong names is at
    most .05 (direct posterior probability, Newton 2004). Never a rank, never a quota; a
    guidance candidate is first heard.
    """
    asked = asked_of_awards(scores.periods, policy)
    enough = (scores.n >= policy.min_ratings) & (scores.reliability >= policy.min_reliability)
    award = discover(
        scores.p_above, enough & (scores.p_above >= asked), scores.employee,
        policy.false_discovery,
    )  # fmt: skip
    guidance = discover(
        scores.p_below, enough & (scores.p_below >= policy.guidance_certainty), scores.employee,
        policy.false_discovery,
    )  # fmt: skip
    advice = np.empty(len(scores), dtype=object)
    advice.fill("none")  # the same text for all: np.full would make millions of copies
    advice[~enough] = "insufficient"
    advice[award] = "award_candidate"
    advice[guidance] = "guidance_candidate"
    return Advice(scores.employee, advice, award, guidance, policy.version)


def asked_of_awards(periods: Codes, policy: Policy) -> Floats:
    """The certainty that an award asks for, by how many periods tell of the person: more where a
    single one is all there is."""
    lone = max(policy.certainty, policy.lone_certainty)
    return np.where(periods > 1, policy.certainty, lone)


def discover(p: Floats, eligible: Flags, keys: Keys, alpha: float) -> Flags:
    """The largest set, best first (ties by key), with mean(1 - p) <= alpha."""
    chosen = np.zeros(len(p), dtype=bool)
    place = np.flatnonzero(eligible)
    if not len(place):
        return chosen
    by_key = place[np.argsort(keys[place], kind="stable")]
    ranked = by_key[np.argsort(-p[by_key], kind="stable")]
    wrong = np.cumsum(1 - p[ranked]) / np.arange(1, len(ranked) + 1)
    fits = np.flatnonzero(wrong <= alpha)
    if len(fits):
        chosen[ranked[: int(fits[-1]) + 1]] = True
    return chosen
