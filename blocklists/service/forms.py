"""The forms of reports and appeals, and what is said when one was taken; nothing that was sent is shown again."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from blocklists.feed.entry import LABELS
from blocklists.service.pages import facts, page, paragraph, section

if TYPE_CHECKING:
    from collections.abc import Iterable

_CALLED = {
    "nudify": "A service that undresses pictures of people",
    "sexual_deepfake": "Puts real people into sexual material",
    "sexual_likeness": "A model of a real person for sexual output",
    "minor_abuse": "Anything of this kind with minors",
    "promotion": "Sends people to such services",
}


def report_form() -> str:
    """GET /reports."""
    return page(
        "Report a listing",
        paragraph("A report asks people to look. It lists nothing by itself. Do not send pictures or videos."),
        _form(
            "/reports",
            "Send the report",
            _line("target", "Address of the page", "An address, or a coordinate such as github:owner/name."),
            _choice("category", "What it is", ((label, _CALLED[label]) for label in LABELS)),
            _choice(
                "who", "You are", (("public", "Somebody who found it"), ("victim", "Somebody it was used against"))
            ),
            _area("text", "What you want to say (may stay empty)"),
            _line("contact", "How to reach you (may stay empty)", "Kept apart, and erased on request.", needed=False),
        ),
    )


def appeal_form() -> str:
    """GET /appeals."""
    return page(
        "Appeal against a listing",
        section(
            "Open an appeal",
            paragraph("Somebody else than those who decided will look again. Until then nothing changes."),
            _form(
                "/appeals",
                "Send the appeal",
                _line("about", "What is listed", "Its address or coordinate, or the number of a report."),
                _area("reason", "Why the decision is wrong", needed=True),
                _line("contact", "How to reach you (may stay empty)", "Kept apart, erased on request.", needed=False),
                '<p class="check"><input type="checkbox" id="owner" name="owner" value="yes">'
                '<label for="owner">It is mine, and I can prove it</label></p>',
            ),
        ),
        section(
            "Where an appeal stands",
            _form(
                "/appeals/status",
                "Look",
                _line("number", "Number", "A- and ten signs."),
                _line("secret", "Secret", "You were given it with the number."),
            ),
        ),
    )


def report_taken(number: str) -> str:
    """A report was taken."""
    return page("Report taken", facts([("Number", number)]), paragraph("Keep this number. People will look."))


def appeal_taken(number: str, secret: str, place: str | None) -> str:
    """An appeal was taken."""
    told = [("Number", number), ("Secret", secret)]
    proof = paragraph(
        "To prove that it is yours, place this line in a TXT record of _delist-appeal.HOST, or in the file "
        "/.well-known/delist-appeal.txt of the site, or in delist-appeal.txt of the repository."
    )
    more = facts([("Line to place", place)]) + proof if place else ""
    return page("Appeal taken", facts(told), paragraph("Keep both: the secret is not shown again."), more)


def appeal_status(row: dict[str, Any]) -> str:
    """Where an appeal stands."""
    return page(
        "Your appeal",
        facts([
            ("Number", row["number"]),
            ("State", row["state"]),
            ("Opened", row["opened"]),
            ("Due", row["due"] + (" (late)" if row["overdue"] else "")),
            ("Ownership", f"proved by {row['proved']}" if row["proved"] else "not proved"),
            ("Answer", row["answer"] or "none yet"),
        ]),
    )  # fmt: skip


def problem(why: str) -> str:
    """Something was not taken."""
    return page("Not taken", paragraph(why))


def _form(action: str, button: str, *fields: str) -> str:
    return f'<form method="post" action="{action}">{"".join(fields)}<button>{escape(button)}</button></form>'


def _line(name: str, label: str, hint: str, *, needed: bool = True) -> str:
    must = " required" if needed else ""
    return (
        f'<p><label for="{name}">{escape(label)}</label><span id="{name}-hint">{escape(hint)}</span>'
        f'<input id="{name}" name="{name}" maxlength="2000" aria-describedby="{name}-hint"{must}></p>'
    )


def _area(name: str, label: str, *, needed: bool = False) -> str:
    must = " required" if needed else ""
    return (
        f'<p><label for="{name}">{escape(label)}</label>'
        f'<textarea id="{name}" name="{name}" rows="5" maxlength="5000"{must}></textarea></p>'
    )


def _choice(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    inner = "".join(f'<option value="{value}">{escape(text)}</option>' for value, text in options)
    return f'<p><label for="{name}">{escape(label)}</label><select id="{name}" name="{name}">{inner}</select></p>'
