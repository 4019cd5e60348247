"""Five of the sample city's policies as an OpenFisca country model.

A fact that registers do not have is -1, "unknown" or the day NEVER, and
nobody is entitled by it. Amounts are yuan for the policy's own period.
"""

from datetime import date

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

NEVER = np.datetime64("9999-12-31")

Person = build_entity(key="person", plural="persons", label="Resident", is_person=True)

PARAMETERS = {
    "elderly_allowance": {
        "brackets": [
            {"threshold": {"2016-05-01": {"value": age}}, "amount": {"2016-05-01": {"value": yuan}}}
            for age, yuan in ((0, 0), (65, 75), (70, 150), (80, 180), (90, 350), (100, 600))
        ],
        "metadata": {"type": "single_amount"},
    },
    "disability_transport": {"2022-11-01": {"value": 45}},
    "disability_nursing": {
        "first": {"2021-07-01": {"value": 300}},
        "other": {"2021-07-01": {"value": 150}},
    },
    "orphan_allowance": {"2018-01-01": {"value": 1800}},
    "rent_withdrawal_cap": {"2024-10-01": {"value": 4000}},
}


class HukouCity(Enum):
    unknown = "not known"
    shanghai = "Shanghai"
    other = "elsewhere"


class Grade(Enum):
    unknown = "none"
    first = "一级"
    second = "二级"
    third = "三级"
    fourth = "四级"


class Impairment(Enum):
    unknown = "none"
    mind = "智力 or 精神"
    other = "any other"


def fact(name, kind, default=None, options=None):
    """The class of a variable that is given, not worked out."""
    body = {"value_type": kind, "entity": Person, "definition_period": DateUnit.ETERNITY, "label": name}
    if default is not None:
        body["default_value"] = default
    if options is not None:
        body["possible_values"] = options
    return type(name, (Variable,), body)


FACTS = [
    fact("birth", date, NEVER.item()),
    fact("alive", bool, True),
    fact("hukou_city", Enum, HukouCity.unknown, HukouCity),
    fact("grade", Enum, Grade.unknown, Grade),
    fact("impairment", Enum, Impairment.unknown, Impairment),
    fact("certificate_until", date, date(1, 1, 1)),
    fact("orphans", int, -1),
    fact("fund_months", int, -1),
    fact("homes", int, -1),
    fact("fund_loan", int, -1),
    fact("fund_withdrawing", int, -1),
    fact("leased_until", date, date(1, 1, 1)),
    fact("leased_in_shanghai", bool, False),
    fact("rent", int, -1),
]


class age(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Completed years on the first day of the month; -1 where the birth is not known"

    def formula(person, period, parameters):
        birth = person("birth", period)
        day = np.datetime64(str(period.start))
        months = birth.astype("datetime64[M]")
        of_month = (birth - months).astype(int)
        whole = (day.astype("datetime64[M]") - months).astype(int) - (of_month > (day - day.astype("datetime64[M]")).astype(int))
        return np.where((birth == NEVER) | (birth > day), -1, whole // 12)


def local(person, period):
    return person("alive", period) * (person("hukou_city", period) == HukouCity.shanghai)


def benefit(formula):
    """The variable of a monthly amount that the formula works out."""
    body = {"value_type": float, "entity": Person, "definition_period": DateUnit.MONTH, "formula": formula}
    return type(formula.__name__, (Variable,), body)


@benefit
def elderly_allowance(person, period, parameters):
    years = person("age", period)
    return local(person, period) * (years >= 65) * parameters(period).elderly_allowance.calc(years)


@benefit
def disability_transport(person, period, parameters):
    years = person("age", period)
    certified = person("certificate_until", period) >= np.datetime64(str(period.start))
    entitled = (person("grade", period) != Grade.unknown) * certified * (years >= 0) * (years < 65)
    return local(person, period) * entitled * parameters(period).disability_transport


@benefit
def disability_nursing(person, period, parameters):
    grade = person("grade", period)
    severe = (grade == Grade.first) + (grade == Grade.second)
    mind = (grade == Grade.third) * (person("impairment", period) == Impairment.mind)
    certified = person("certificate_until", period) >= np.datetime64(str(period.start))
    yuan = parameters(period).disability_nursing
    return local(person, period) * certified * (severe + mind) * np.where(grade == Grade.first, yuan.first, yuan.other)


@benefit
def orphan_allowance(person, period, parameters):
    return local(person, period) * np.maximum(person("orphans", period), 0) * parameters(period).orphan_allowance


class rent_withdrawal_right(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH

    def formula(person, period, parameters):
        home = (person("fund_months", period) >= 3) * (person("homes", period) == 0)
        free = (person("fund_loan", period) == 0) * (person("fund_withdrawing", period) == 0)
        lease = (person("leased_until", period) >= np.datetime64(str(period.start))) * person("leased_in_shanghai", period)
        return person("alive", period) * home * free * lease


@benefit
def rent_withdrawal(person, period, parameters):
    rent = np.maximum(person("rent", period), 0)
    return person("rent_withdrawal_right", period) * np.minimum(rent, parameters(period).rent_withdrawal_cap)


def system():
    tbs = TaxBenefitSystem([Person])
    tbs.parameters = ParameterNode("", data=PARAMETERS)
    rules = [age, elderly_allowance, disability_transport, disability_nursing, orphan_allowance, rent_withdrawal_right, rent_withdrawal]
    tbs.add_variables(*FACTS, *rules)
    return tbs
