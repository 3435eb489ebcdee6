"""PURE: citizens' ratings in, evidence about one civil servant out.

Arrays in, frozen results out; no web, no database, no clock, no hidden randomness.
"""

from .blocks import ONCE, Block, dense_blocks
from .cells import count_cells, select_employees, select_periods
from .city import City, Truth, simulate
from .data import (
    Advice,
    Cells,
    Groups,
    Instrument,
    PosteriorNotKept,
    Ratings,
    Scores,
    Verdicts,
)
from .decide import advise, asked_of_awards
from .error_rates import ErrorRates, compare_error_rates, error_rates, level_of
from .explain import Funnel, Steps, StepsTable, explain, explain_all, funnel
from .fairness import Anchor, Estimate, FairnessReport, GroupReport, audit, group_means, halo
from .fit import NotConverged, NothingToFit, fit
from .gaussian import GaussianFit, NothingToCompare, fit_gaussian
from .integrity import employee_fraud, fraud_figure, weigh
from .live import Live, Numbers, Standing
from .params import Params, Weights, default_params
from .past import bring, evidence_of, fallen, levels, together
from .periods import Alarms, Trend, early_warning, filter_period, filter_quarters, trend
from .policy import BadPolicy, Policy
from .score import Past, score

__all__ = [
    "ONCE",
    "Advice",
    "Alarms",
    "Anchor",
    "BadPolicy",
    "Block",
    "Cells",
    "City",
    "ErrorRates",
    "Estimate",
    "FairnessReport",
    "Funnel",
    "GaussianFit",
    "GroupReport",
    "Groups",
    "Instrument",
    "Live",
    "NotConverged",
    "NothingToCompare",
    "NothingToFit",
    "Numbers",
    "Params",
    "Past",
    "Policy",
    "PosteriorNotKept",
    "Ratings",
    "Scores",
    "Standing",
    "Steps",
    "StepsTable",
    "Trend",
    "Truth",
    "Verdicts",
    "Weights",
    "advise",
    "asked_of_awards",
    "audit",
    "bring",
    "compare_error_rates",
    "count_cells",
    "default_params",
    "dense_blocks",
    "early_warning",
    "employee_fraud",
    "error_rates",
    "evidence_of",
    "explain",
    "explain_all",
    "fallen",
    "filter_period",
    "filter_quarters",
    "fit",
    "fit_gaussian",
    "fraud_figure",
    "funnel",
    "group_means",
    "halo",
    "level_of",
    "levels",
    "score",
    "select_employees",
    "select_periods",
    "simulate",
    "together",
    "trend",
    "weigh",
]
