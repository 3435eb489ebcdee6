"""Tables of results (derived, frozen at closing) and judgements (what people decided)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey

RUN_KINDS = ("release", "closing", "correction")
ADVICE = ("award_candidate", "guidance_candidate", "none", "insufficient")
DECISIONS = ("award", "guidance", "none")
RULINGS = ("upheld", "revoked")


class Policy(Base):
    """The thresholds of an agency, by version; the newest holds, the old ones stay."""

    __tablename__ = "policy"
    agency_id: Mapped[AgencyKey]
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    thresholds: Mapped[dict[str, Any]] = mapped_column(JSON)
    approved_by: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]


class Histogram(Base):
    """Counts of answers of one employee (0: of nobody, for the office only), by office, service
    (0: none was named), channel and instrument: what scoring reads. Without foreign keys, as
    verdicts are: the rows follow from ratings."""

    __tablename__ = "histogram"
    __table_args__ = ({"sqlite_with_rowid": False},)
    agency_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    office_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    service_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    instrument: Mapped[str] = mapped_column(String(8), primary_key=True)
    bins: Mapped[list[int]] = mapped_column(JSON)


class ScoringRun(Base):
    """One run of the engine, complete enough to be repeated: parameters, policy, input digest."""

    __tablename__ = "scoring_run"
    __table_args__ = (
        CheckConstraint(f"kind IN {RUN_KINDS}", name="kind"),
        Index("ix_scoring_run_period", "agency_id", "period"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    period: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(10))
    release: Mapped[int] = mapped_column(Integer)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    policy_version: Mapped[int] = mapped_column(Integer)
    code_version: Mapped[str] = mapped_column(String(40))
    input_digest: Mapped[str] = mapped_column(String(64))
    # Ratings of weight 0 in this run, with the reason: {rating id: reasons}.
    set_aside: Mapped[dict[str, str]] = mapped_column(JSON, deferred=True)  # may be a megabyte
    as_of: Mapped[datetime]  # later events are not part of it


# Where `Score.detail` says that somebody fell below their own earlier level, or that a run of
# ratings did; each database finds it by index only in the very words of the index.
ALARM = {
    "sqlite": "(json_extract(detail, '$.past.fell') = 1"
    " OR json_extract(detail, '$.past.warned') = 1)",
    "postgresql": "((detail -> 'past' ->> 'fell') = 'true'"
    " OR (detail -> 'past' ->> 'warned') = 'true')",
}


class Score(Base):
    """The engine's figures for one employee in one run, on the 25-100 scale."""

    __tablename__ = "score"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "run_id"], ["scoring_run.agency_id", "scoring_run.id"]),
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint(f"advice IN {ADVICE}", name="advice"),
        Index("ix_score_employee", "agency_id", "employee_id", "period"),
        Index("ix_score_period", "agency_id", "period", "employee_id", "advice", "run_id"),
        # Of the few among all whose own level fell.
        Index(
            *("ix_score_alarm", "agency_id", "period", "employee_id"),
            sqlite_where=text(ALARM["sqlite"]),
            postgresql_where=text(ALARM["postgresql"]),
        ),
    )
    agency_id: Mapped[AgencyKey]
    run_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    period: Mapped[str] = mapped_column(String(7))
    counted: Mapped[int] = mapped_column(Integer)
    set_aside: Mapped[int] = mapped_column(Integer)
    other_causes: Mapped[int] = mapped_column(Integer)
    raw_mean: Mapped[float | None] = mapped_column(Float)
    score: Mapped[float] = mapped_column(Float)
    lo: Mapped[float] = mapped_column(Float)
    hi: Mapped[float] = mapped_column(Float)
    reliability: Mapped[float] = mapped_column(Float)
    percentile: Mapped[float] = mapped_column(Float)
    p_above: Mapped[float] = mapped_column(Float)
    p_below: Mapped[float] = mapped_column(Float)
    advice: Mapped[str] = mapped_column(String(20))
    # Steps from the raw mean to the score, figures per service, set-aside reasons, what-if.
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class OfficeResult(Base):
    """What an office heard in a period: all causes, all attributions, nothing set aside hidden."""

    __tablename__ = "office_result"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
    )
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    office_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    counted: Mapped[int] = mapped_column(Integer)
    set_aside: Mapped[int] = mapped_column(Integer)
    mean: Mapped[float | None] = mapped_column(Float)
    bins: Mapped[list[int]] = mapped_column(JSON)


class ControlCount(Base):
    """How many ratings of a counter's day a control noticed, as the last release left it: a
    number, nobody. Also how many were set aside (`set_aside`), and how many only a monitored
    control would have (`would_set_aside`)."""

    __tablename__ = "control_count"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        Index("ix_control_count_day", "agency_id", "day", "control"),
    )
    agency_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    counter_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)  # in the agency's time zone
    control: Mapped[str] = mapped_column(String(20), primary_key=True)
    monitored: Mapped[bool]
    ratings: Mapped[int] = mapped_column(Integer)


class PublicResult(Base):
    """What the public reads of an office's period: only what may be told, nothing is hidden later.

    It moves when five ratings or more have changed, so that two states of the page differ by a
    group and never by one answer (see records.public_results).
    """

    __tablename__ = "public_result"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        CheckConstraint("counted >= 5", name="counted"),
        CheckConstraint("set_aside = 0 OR set_aside >= 5", name="set_aside"),
        CheckConstraint("lo <= mean AND mean <= hi", name="interval"),
        CheckConstraint("answered <= served", name="served"),
    )
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    office_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    release: Mapped[int] = mapped_column(Integer)  # whose evidence this is
    local_day: Mapped[date]  # of that release; pages round it to the month
    final: Mapped[bool] = mapped_column(default=False)  # of the release that closed the period
    counted: Mapped[int] = mapped_column(Integer)
    set_aside: Mapped[int | None] = mapped_column(Integer)  # none: fewer than five
    # On the 25-100 scale with a 95 % interval; none where it would be the score of a person.
    mean: Mapped[float | None] = mapped_column(Float)
    lo: Mapped[float | None] = mapped_column(Float)
    hi: Mapped[float | None] = mapped_column(Float)
    # Of the people served on the days of which that is known, those who rated.
    served: Mapped[int | None] = mapped_column(Integer)
    answered: Mapped[int | None] = mapped_column(Integer)
    # faces: four numbers in fives, from the worst, or none; elements: {name:
    # [number, mean, lo, hi]}; causes: {name: number in fives}.
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)


class PerformanceRecord(Base):
    """Employee, period, run: the record that closing makes. A correction is a new row."""

    __tablename__ = "performance_record"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "run_id", "employee_id"],
            ["score.agency_id", "score.run_id", "score.employee_id"],
        ),
    )
    agency_id: Mapped[AgencyKey]
    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    run_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    created_at: Mapped[datetime]


class Decision(Base):
    """What a supervisor decided, with reasons, on frozen evidence; a later one names the old."""

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "run_id", "employee_id"],
            ["score.agency_id", "score.run_id", "score.employee_id"],
        ),
        ForeignKeyConstraint(["agency_id", "supersedes_id"], ["decision.agency_id", "decision.id"]),
        UniqueConstraint("agency_id", "supersedes_id"),
        CheckConstraint(f"kind IN {DECISIONS}", name="kind"),
        CheckConstraint("length(trim(reason)) > 0", name="reason"),
        CheckConstraint(
            "NOT against_advice OR length(trim(second_reason)) > 0", name="second_reason"
        ),
        Index("ix_decision_employee", "agency_id", "employee_id", "period"),
        Index("ix_decision_decider", "agency_id", "decided_by"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    employee_id: Mapped[int] = mapped_column(BigInteger)
    period: Mapped[str] = mapped_column(String(7))
    run_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    against_advice: Mapped[bool] = mapped_column(default=False)
    second_reason: Mapped[str] = mapped_column(Text, default="")
    evidence_digest: Mapped[str] = mapped_column(String(64))
    decided_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]
    supersedes_id: Mapped[int | None] = mapped_column(BigInteger)


class Reply(Base):
    """The employee's answer to the evidence of a period, or to a decision."""

    __tablename__ = "reply"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        ForeignKeyConstraint(["agency_id", "decision_id"], ["decision.agency_id", "decision.id"]),
        Index("ix_reply_employee", "agency_id", "employee_id", "period"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    employee_id: Mapped[int] = mapped_column(BigInteger)
    period: Mapped[str] = mapped_column(String(7))
    decision_id: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class ReviewRequest(Base):
    """The employee asks that ratings set aside be looked at; the reviews that follow answer it."""

    __tablename__ = "review_request"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint("length(trim(reason)) > 0", name="reason"),
        Index("ix_review_request_employee", "agency_id", "employee_id", "period"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    employee_id: Mapped[int] = mapped_column(BigInteger)
    period: Mapped[str] = mapped_column(String(7))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Contest(Base):
    """The employee's objection (keberatan) to a decision: one each, within the deadline."""

    __tablename__ = "contest"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "decision_id"], ["decision.agency_id", "decision.id"]),
        UniqueConstraint("agency_id", "decision_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    decision_id: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    due_on: Mapped[date]  # until when the appeals officer answers


class ContestRuling(Base):
    """The appeals officer's word on a contest; final."""

    __tablename__ = "contest_ruling"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "contest_id"], ["contest.agency_id", "contest.id"]),
        CheckConstraint(f"outcome IN {RULINGS}", name="outcome"),
        CheckConstraint("length(trim(reason)) > 0", name="reason"),
    )
    agency_id: Mapped[AgencyKey]
    contest_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
