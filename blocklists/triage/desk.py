"""A person at work: who they are, on which ledger, under which policy, when; checked before every act."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from blocklists.case import roles
from blocklists.case.roles import Act
from blocklists.configuration import Care
from blocklists.ledger import reviewers

if TYPE_CHECKING:
    from datetime import datetime

    from blocklists.configuration import Policy
    from blocklists.ledger.book import Ledger
    from blocklists.ledger.reviewers import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where somebody works. `token` is their secret; once `sign_in` has seen it, `person` stands for it.

    `hides` are labels and `passes` are cases that they leave to others for now: they are not given these as the next.
    """

    ledger: Ledger
    reviewer: str
    token: str
    policy: Policy
    care: Care = field(default_factory=Care)
    now: datetime
    person: Person | None = None
    hides: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()

    def enter(self, act: Act = Act.REVIEW) -> Person:
        """Check, inside a transaction, who acts and that their role lets them.

        Raises:
            LedgerError: they are not who they say.
            RulingError: their role does not let them.
        """
        if self.person is None:
            reviewers.enter(self.ledger, self.reviewer, self.token, at=self.at)
        person = reviewers.person(self.ledger, self.reviewer)
        roles.check(person.name, person.role, act)
        return person

    def prove(self) -> None:
        """Check, in a transaction of its own, that this is who they say, whatever their role.

        Raises:
            LedgerError: they are not who they say.
        """
        with self.ledger.write():
            reviewers.enter(self.ledger, self.reviewer, self.token, at=self.at)

    def signed_in(self) -> Desk:
        """This desk once its person's token was checked, inside a transaction: further acts look at the role only."""
        return replace(self, person=self.enter())

    @property
    def at(self) -> str:
        """Now, as the log writes it."""
        return self.now.isoformat(timespec="seconds")
