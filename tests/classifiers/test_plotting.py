from __future__ import annotations

from xml.etree import ElementTree as ET

from classifiers import plotting
from classifiers.plotting import Curve

SVG = "{http://www.w3.org/2000/svg}"


def test_a_square_holds_every_curve_and_its_name() -> None:
    curves = [Curve(name="one & two", points=[(0, 0), (1, 1)]), Curve(name="dots", points=[(0.5, 0.25)], dots=True)]
    drawn = ET.fromstring(plotting.square("Title", "across", "up", curves, diagonal=True))  # noqa: S314 - our own
    texts = [each.text for each in drawn.iter(f"{SVG}text")]
    assert {"Title", "across", "up", "one & two", "dots"} <= set(texts)
    [dot] = drawn.iter(f"{SVG}circle")
    assert (float(dot.attrib["cx"]), float(dot.attrib["cy"])) == (160, 240)


def test_a_bar_is_as_long_as_its_share() -> None:
    drawn = ET.fromstring(plotting.bars("Bars", [("a", 0.5), ("b", 1.0), ("c", 0.0)]))  # noqa: S314 - our own
    widths = [float(each.attrib["width"]) for each in drawn.iter(f"{SVG}rect")]
    assert widths == [160, 320, 0]


def test_hostile_names_stay_text() -> None:
    drawn = plotting.bars("Bars", [("</text><script>\x1b\ud800", 1.0)])
    assert "<script" not in drawn
    assert drawn.encode().decode() == drawn
    assert ET.fromstring(drawn) is not None  # noqa: S314 - our own


def test_an_empty_curve_draws_nothing() -> None:
    assert "<path" not in plotting.square("Title", "across", "up", [Curve(name="none", points=[])])
