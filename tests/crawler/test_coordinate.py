"""A repository's name is OWNER/REPO and can be nothing else."""

from __future__ import annotations

import pytest

from crawler.coordinate import github_coordinate, is_repository


@pytest.mark.parametrize("name", ["a/b", "A-1/b.c_d", ".github/.github", "a/..."])
def test_owner_and_repository_are_a_name(name: str) -> None:
    assert is_repository(name)


@pytest.mark.parametrize(
    "name", ["", "a", "a/", "/b", "../x", "a/..", "./x", "a/b/c", "a b/c", "a/b\n", "ä/b", "a/b?x"]
)
def test_paths_and_blanks_are_no_name(name: str) -> None:
    assert not is_repository(name)


@pytest.mark.parametrize(
    ("url", "coordinate"),
    [
        ("https://github.com/a/b", "github:a/b"),
        ("http://www.GitHub.com/a/b.c/", "github:a/b.c"),
        ("https://github.com/a/b.git?tab=readme#top", "github:a/b"),
        ("https://github.com/a", None),
        ("https://github.com/a/b/tree/main", None),
        ("https://github.com.example.test/a/b", None),
        ("https://gist.github.com/a/b", None),
    ],
)
def test_a_repository_s_front_page_has_a_coordinate(url: str, coordinate: str | None) -> None:
    assert github_coordinate(url) == coordinate
