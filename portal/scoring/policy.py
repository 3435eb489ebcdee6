"""Every threshold of the engine, by name, with its reason."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any


class BadPolicy(ValueError):
    """A policy that contradicts itself, such as a guidance standard above the award standard."""


def _named(default: Any, why: str) -> Any:
    return field(default=default, metadata={"why": why})


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The rules of one scoring run: numbers only, each with its reason in `Policy.reasons()`.

    Standards are in IKM points (25..100), times in seconds, prior widths in logits. A policy is
    stored with every run; change any value and `digest` changes with it.
    """

    version: str = _named("2026.8", "names this set of rules in records and in print")

    # decisions
    award_standard: float = _named(93.0, "simulated: a fifth truly passes, one in twenty is named")
    guidance_standard: float = _named(76.61, "lower bound of 'baik' on the IKM scale")
    certainty: float = _named(
        0.90, "simulated: one name in 26 is wrong, a fifth of the deserving named; at .95 a seventh"
    )
    lone_certainty: float = _named(
        0.95,
        "of an award where a single period is all there is, never less than `certainty`: "
        "simulated, of the names of .90 one in sixteen is wrong then",
    )
    guidance_certainty: float = _named(
        0.80,
        "whoever is named is heard first; from .80 on the share of wrong names cuts the list",
    )
    false_discovery: float = _named(0.05, "expected share of wrong names on each list")
    min_ratings: int = _named(10, "fewer ratings are anecdotes, whatever they say")
    needed_reliability_ratings: int = _named(500, "more ratings than this are not asked of anyone")
    what_if_ratings: int = _named(10, "'ten more best answers', on the record page")
    min_reliability: float = _named(0.70, "Adams 2010: below .70 misclassification is too common")

    # model
    grid_lo: float = _named(-7.0, "seven logits below average: beyond any person seen")
    grid_hi: float = _named(7.0, "the same on the other side")
    grid_points: int = _named(161, "step .09: intervals no longer depend on the step")
    fit_grid_points: int = _named(61, "the search begins on these; it ends on the finer grid")
    service_sd: float = _named(
        1.0, "prior width of how much services differ (half-normal); how much is learnt"
    )
    channel_sd: float = _named(0.5, "prior width of channel effects (a choice)")
    period_sd: float = _named(0.5, "prior width of national drift (a choice)")
    roster_sd: float = _named(
        0.5, "prior width of the slope of home means on service effects (who is put where)"
    )
    home_sd: float = _named(
        0.5, "prior width of what home means differ by beside that, in logits (half-normal)"
    )
    office_share: float = _named(
        0.1, "prior mean of the offices' part of the variance between persons"
    )
    borrowed_sd: float = _named(0.3, "how far a small service may part from its national type")
    borrow_below: int = _named(200, "services with fewer ratings borrow from their national type")
    threshold_sd: float = _named(3.0, "keeps thresholds finite where an answer was never given")
    spacing_sd: float = _named(1.5, "the same for the log distances between thresholds")
    slope_sd: float = _named(0.5, "prior width of the log slope of an instrument")
    spread_sd: float = _named(0.7, "prior width of log tau around the shipped spread")
    plain_variance: float = _named(100.0, "prior variance of effects in the plain fit")
    fit_min_ratings: int = _named(200, "below this the shipped parameters know more")
    fit_min_employees: int = _named(8, "a spread between persons needs persons")
    max_iterations: int = _named(400, "per round; a fit that needs more is reported, not used")
    gradient_tolerance: float = _named(1e-5, "where the search stops, in standard errors")

    # time
    drift_sd: float = _named(
        0.2,
        "how far a person moves from quarter to quarter (logits; variance .04): wider than the .12 "
        "of simulated staff, so that what was long ago fades within a year",
    )
    trend_prior_sd: float = _named(3.0, "flat: this quarter must speak for itself")
    trend_certainty: float = _named(0.99, "before a supervisor is told that a person fell")
    alarm_shift: float = _named(0.75, "size of the fall the early warning looks for (logits)")
    alarm_level: float = _named(
        5.0, "simulated: a false alarm about every 2,800 ratings, after a fall one in 55"
    )

    # integrity
    top_margin: float = _named(0.34, "mean of the answers within .34 of the best counts as top")
    repeat_weight: float = _named(1.2, "one device again and again on one person")
    lone_weight: float = _named(0.5, "a repeating device that knows only this person")
    pace_weight: float = _named(0.9, "many ratings of one person within minutes")
    pace_window: int = _named(300, "five minutes: shorter than most visits")
    burst_weight: float = _named(0.35, "a day full of one polarity, against the person's habit")
    burst_cap: float = _named(12.0, "evidence beyond this adds nothing")
    burst_term_cap: float = _named(20.0, "cap of each logarithm within the burst")
    burst_volume_share: float = _named(0.25, "volume alone is never guilt (mass-service days)")
    burst_odd: float = _named(
        2.0, "volume counts in full from a composition that comes once in a hundred such days"
    )
    bad_time: float = _named(
        1.0,
        "low answers that are not all the worst are judged as if service had been a logit worse "
        "that day or week: it may have been",
    )
    mild_odd: float = _named(
        3.0, "such answers are not suspected at all unless even then they come once in a thousand"
    )
    mild_own_odd: float = _named(
        1.3, "nor unless twos alone, or ones alone, come once in twenty: not for those beside them"
    )
    mild_history: int = _named(
        3, "ratings at other times that such answers are compared with: a bad time is allowed for"
    )
    burst_history: int = _named(
        7, "ratings at other times from which a habit is known; before, everybody's habit holds"
    )
    campaign_days: int = _named(7, "a burst is also sought by week; 0: not")
    campaign_long_days: int = _named(
        14, "and by fortnight, which the better organised need; 0: not"
    )
    circle_share: float = _named(
        0.05,
        "and among telephones that come back to one person only, of whose ratings one in twenty "
        "is ordinary; 0: not",
    )
    habit_rounds: int = _named(4, "a habit is judged again without what was set aside, so often")
    off_hours_weight: float = _named(1.5, "rated while the counter was closed")
    top_repeat_weight: float = _named(0.3, "repeats that praise are self-stuffing more often")
    quarantine_above: float = _named(3.0, "set aside, reversible, contestable")
    report_above: float = _named(1.5, "scores above this add up in the inspector's figure")
    reason_above: float = _named(0.5, "terms that contribute this much are named as reasons")
    device_limit: int = _named(3, "ratings of one device on one person that count in a period")
    block_density: float = _named(
        0.6, "one telephone rating one person once weighs at most .56: once is never a group"
    )
    blocks_told: int = _named(5, "more at a time nobody looks into; what is left comes next")
    opens: int = _named(8 * 3600, "usual opening, local time, where the caller knows no better")
    closes: int = _named(16 * 3600, "usual closing, local time")
    hours_slack: int = _named(360, "clocks differ by some minutes")
    working_days: int = _named(5, "Monday to Friday")
    working_days_a_year: float = _named(260.0, "turns a span of days into working days")

    def __post_init__(self) -> None:
        if not self.guidance_standard < self.award_standard:
            raise BadPolicy(
                f"the guidance standard ({self.guidance_standard:g}) must be below "
                f"the award standard ({self.award_standard:g})"
            )
        if not 21 <= self.grid_points <= 2001 or not self.grid_lo < self.grid_hi:
            raise BadPolicy("the grid needs 21 to 2001 points between two different ends")
        asked = (self.certainty, self.lone_certainty, self.guidance_certainty)
        if not all(0.5 < p < 1 for p in asked) or not 0 < self.false_discovery < 1:
            raise BadPolicy("certainty lies between .5 and 1, false discovery between 0 and 1")

    @property
    def digest(self) -> str:
        """Twelve hexadecimal characters that change with any value of the policy."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, exact."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Policy":
        """The policy that `to_dict` wrote; fields unknown to this version are refused.

        Until guidance and awards from a single period had a certainty of their own, one held
        for all.
        """
        own = ("guidance_certainty", "lone_certainty")
        one = dict.fromkeys(own, values["certainty"]) if "certainty" in values else {}
        return cls(**(one | values))

    @classmethod
    def reasons(cls) -> dict[str, str]:
        """Why each field is there and has its value."""
        return {item.name: item.metadata["why"] for item in dataclasses.fields(cls)}
