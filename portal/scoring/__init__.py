"""PURE: citizens' ratings in, evidence about one civil servant out.

Arrays in, frozen results out; no web, no database, no clock, no hidden randomness.
"""

from .cells import count_cells, select_employees, select_periods
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
from .decide import advise
from .explain import Steps, StepsTable, explain, explain_all, funnel
from .fit import NotConverged, NothingToFit, fit
from .gaussian import GaussianFit, NothingToCompare, fit_gaussian
from .integrity import employee_fraud, weigh
from .params import Params, Weights, default_params
from .periods import Alarms, Trend, early_warning, filter_period, trend
from .policy import BadPolicy, Policy
from .score import score

__all__ = [
    "Advice",
    "Alarms",
    "BadPolicy",
    "Cells",
    "GaussianFit",
    "Groups",
    "Instrument",
    "NotConverged",
    "NothingToCompare",
    "NothingToFit",
    "Params",
    "Policy",
    "PosteriorNotKept",
    "Ratings",
    "Scores",
    "Steps",
    "StepsTable",
    "Trend",
    "Verdicts",
    "Weights",
    "advise",
    "count_cells",
    "default_params",
    "early_warning",
    "employee_fraud",
    "explain",
    "explain_all",
    "filter_period",
    "fit",
    "fit_gaussian",
    "funnel",
    "score",
    "select_employees",
    "select_periods",
    "trend",
    "weigh",
]
