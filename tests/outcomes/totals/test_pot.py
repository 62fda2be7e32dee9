"""The pot that decisions are held against is what the public is told: whatever became of the awards of its round."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grants.applications.models import Application, ApplicationStatus
from grants.applications.submissions import operations as submissions
from grants.awards.corrections import operations as corrections
from grants.awards.models import Award, ChangedField
from grants.awards.offers import operations as offers
from grants.foundation.values import clock
from grants.funds.models import Round
from grants.outcomes.totals import queries
from grants.outcomes.totals.rules import FilterChoice, FilterKind, Filters
from grants.review.ranking.queries import pot_use
from grants.review.rules import Pot
from tests.support import award_factories as awards
from tests.support import factories
from tests.support.decision_factories import announced
from tests.support.factories import TESTS
from tests.support.review_factories import recommendation

POT = 100_000_000


def bid(a_round: Round) -> Application:
    return factories.application(ApplicationStatus.RECOMMENDED, in_round=a_round, organisation=factories.organisation())


def offered(a_round: Round, pence: int) -> Award:
    return awards.offered_award(pence, of=bid(a_round))


def moved(award: Award, to: Round) -> None:
    corrections.change_field(actor=TESTS, award=award, field=ChangedField.ROUND, value=to, reason="Wrong round.")


def recommended(here: Round, _other: Round, pence: int) -> tuple[int, int, int]:
    recommendation(bid(here), pence)
    return 0, pence, 0


def decided(here: Round, _other: Round, pence: int) -> tuple[int, int, int]:
    factories.decision(bid(here), amount=pence)
    return pence, 0, 0


def decided_and_withdrawn(here: Round, _other: Round, pence: int) -> tuple[int, int, int]:
    made = factories.decision(bid(here), amount=pence)
    submissions.withdraw(person=made.application.started_by, application=made.application)
    return 0, 0, 0


def refused(here: Round, _other: Round, _pence: int) -> tuple[int, int, int]:
    announced(bid(here), outcome="declined")
    return 0, 0, 0


def standing(here: Round, _other: Round, pence: int) -> tuple[int, int, int]:
    offered(here, pence)
    return pence, 0, 0


def turned_down(here: Round, _other: Round, pence: int) -> tuple[int, int, int]:
    award = offered(here, pence)
    offers.decline_offer(person=awards.member_of(award), award=award)
    return 0, 0, pence


def made_smaller(here: Round, _other: Round, pence: int) -> tuple[int, int, int]:
    award, less = awards.accept(offered(here, pence)), pence - pence // 20
    awards.approve(awards.begun_variation(award, amount=less))
    return less, 0, pence - less


def paid_and_returned(here: Round, _other: Round, pence: int) -> tuple[int, int, int]:
    """Money that comes back later is counted as returned: it does not go back into the pot of a round that is over."""
    awards.pay(awards.accept(offered(here, pence)), pence)
    return pence, 0, 0


def moved_away(here: Round, other: Round, pence: int) -> tuple[int, int, int]:
    moved(offered(here, pence), other)
    return 0, 0, pence


def moved_here(here: Round, other: Round, pence: int) -> tuple[int, int, int]:
    moved(offered(other, pence), here)
    return pence, 0, 0


def of_older_records(here: Round, _other: Round, pence: int) -> tuple[int, int, int]:
    factories.award(amount=pence, of=here.fund, a_round=here)
    return pence, 0, 0


def of_unknown_amount(here: Round, _other: Round, _pence: int) -> tuple[int, int, int]:
    factories.award(amount=None, of=here.fund, a_round=here)
    return 0, 0, 0


Fate = Callable[[Round, Round, int], tuple[int, int, int]]

FATES: list[Fate] = [
    recommended,
    decided,
    decided_and_withdrawn,
    refused,
    standing,
    turned_down,
    made_smaller,
    paid_and_returned,
    moved_away,
    moved_here,
    of_older_records,
    of_unknown_amount,
]
"""What may become of a bid or an award: what it takes, what is recommended for it, and what it frees, in pence."""

ENDS = st.lists(st.tuples(st.sampled_from(FATES), st.integers(100, 540_000)), max_size=5)


def public_total(a_round: Round) -> int:
    """What /outcomes says of a round, in pence."""
    choice = FilterChoice(FilterKind.ROUND, a_round.id, a_round.slug, a_round.code)
    return queries.picture(Filters(as_at=clock.today(), round=choice)).totals.total_pence


def compare(ends: list[tuple[Fate, int]]) -> None:
    here = factories.open_round(pot_pence=POT)
    other = factories.open_round(of=here.fund, pot_pence=POT)
    takes = [fate(here, other, pence) for fate, pence in ends]
    unsigned = sum(pence for fate, pence in ends if fate is decided)
    taken, waits, freed = (sum(column) for column in zip(*takes, strict=True)) if takes else (0, 0, 0)

    assert pot_use(here) == Pot(here.pot_pence, taken, waits, freed)
    assert pot_use(here).approved == public_total(here) + unsigned
    assert pot_use(here).decided.left() == POT - taken


def test_each_fate_takes_from_the_pot_what_the_public_is_told(app: Flask) -> None:
    compare([(fate, 100_000 + 7 * number) for number, fate in enumerate(FATES)])


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(ends=ENDS)
def test_any_fates_take_from_the_pot_what_the_public_is_told(app: Flask, ends: list[tuple[Fate, int]]) -> None:
    compare(ends)
