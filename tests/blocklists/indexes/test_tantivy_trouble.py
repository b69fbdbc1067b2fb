"""What goes wrong with a Tantivy index: schemas that cannot be served, another writer, a death at the worst moment."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tantivy

from blocklists.indexes.errors import ApplyError
from tests.blocklists.feed.pressing import Publisher
from tests.blocklists.indexes.tantivies import BAD, PAGES, WORSE, Tantivy, schema

BAD_URL, WORSE_URL = PAGES[1]["url"], PAGES[2]["url"]


@pytest.fixture
def engine(tmp_path: Path) -> Tantivy:
    return Tantivy(path=tmp_path / "index", publisher=Publisher(tmp_path / "feed"), state=tmp_path / "state")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ({"tokenizer_name": "default"}, "field 'url' must be text.*tokenizer 'default'"),
        ({"stored": False}, "field 'url' must be text.*not stored"),
    ],
)
def test_an_index_whose_documents_are_not_found_by_their_address_is_refused(
    engine: Tantivy, url: dict[str, Any], why: str
) -> None:
    engine.make(schema(marks=False, **url))
    with pytest.raises(ApplyError, match=why):
        engine.apply(BAD)
    assert not (engine.path / "delist.db").exists()


def test_an_index_without_the_field_is_refused_with_the_fields_that_it_has(engine: Tantivy) -> None:
    made = tantivy.SchemaBuilder()
    made.add_text_field("address", stored=True, tokenizer_name="raw")
    engine.make(made.build(), [])
    with pytest.raises(ApplyError, match=r"no field 'url' among address; .*--url-field"):
        engine.apply(BAD)


def narrow(**body: Any) -> tantivy.Schema:  # noqa: ANN401 - any option of the field
    made = tantivy.SchemaBuilder()
    made.add_text_field("url", stored=True, tokenizer_name="raw")
    made.add_text_field("title", **body)
    return made.build()


def facets() -> tantivy.Schema:
    made = tantivy.SchemaBuilder()
    made.add_text_field("url", stored=True, tokenizer_name="raw")
    made.add_text_field("title", stored=True)
    made.add_facet_field("kind")
    return made.build()


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (narrow(stored=False), "field 'title' is not stored: .*--purge"),
        (narrow(stored=True, tokenizer_name="mine"), "field 'title' has the tokenizer 'mine', which only its owner"),
        (facets(), "field 'kind' is not stored"),
    ],
)
def test_an_index_whose_documents_could_not_be_put_back_is_refused(
    engine: Tantivy, made: tantivy.Schema, why: str
) -> None:
    engine.make(made, [])
    with pytest.raises(ApplyError, match=why):
        engine.apply(BAD)


def test_what_cannot_be_put_back_can_be_purged(engine: Tantivy) -> None:
    engine.make(narrow(stored=False), [{"url": page["url"], "title": "word"} for page in PAGES[:4]])
    assert engine.apply(BAD, WORSE, purge=True).purged == 2
    assert engine.search() == sorted([PAGES[0]["url"], PAGES[3]["url"]])


def test_a_field_named_like_marks_that_cannot_bear_them_is_refused(engine: Tantivy) -> None:
    made = tantivy.SchemaBuilder()
    made.add_text_field("url", stored=True, tokenizer_name="raw")
    made.add_text_field("delist", stored=True)
    engine.make(made.build(), [])
    with pytest.raises(ApplyError, match="field 'delist' cannot bear marks; make it with add_json_field"):
        engine.apply(BAD)


def test_facets_that_are_stored_come_back(engine: Tantivy) -> None:
    engine.make(facets(), [])
    meta = json.loads((engine.path / "meta.json").read_text())
    meta["schema"][2]["options"]["stored"] = True  # as only Rust makes them
    (engine.path / "meta.json").write_text(json.dumps(meta))
    page = {"url": BAD_URL, "title": "word", "kind": tantivy.Facet.from_string("/a/b c")}
    engine.write([page])
    engine.apply(BAD)
    assert engine.search() == []
    engine.apply()
    (found,) = engine.documents("kind:/a")
    assert found["kind"][0].to_path_str() == "/a/b c"


def test_what_is_no_index_is_refused_and_left_alone(engine: Tantivy) -> None:
    with pytest.raises(ApplyError, match=r"no Tantivy index: it has no meta\.json"):
        engine.apply(BAD)
    engine.path.mkdir()
    (engine.path / "meta.json").write_text("{}")
    with pytest.raises(ApplyError, match=r"meta\.json is not that of a Tantivy index"):
        engine.apply(BAD)
    assert [path.name for path in engine.path.iterdir()] == ["meta.json"]


def test_while_another_program_writes_the_index_is_left_alone(engine: Tantivy) -> None:
    engine.make(schema(marks=False))
    writer = tantivy.Index.open(str(engine.path)).writer(15_000_000, 1)
    with pytest.raises(ApplyError, match="another program is writing to the index"):
        engine.apply(BAD)
    writer.wait_merging_threads()
    assert BAD_URL in engine.search()
    assert engine.apply(BAD).delisted == 1


def test_a_document_aside_that_a_changed_schema_has_no_place_for_is_kept_and_told(engine: Tantivy) -> None:
    engine.make(schema(marks=False))
    engine.apply(BAD)
    kept = (engine.path / "delist.db").read_bytes()
    for old in engine.path.iterdir():
        old.unlink()
    engine.make(narrow(stored=True), [])
    (engine.path / "delist.db").write_bytes(kept)
    with pytest.raises(ApplyError, match="has a field 'at' of type date, which the index has no more"):
        engine.apply()
    for old in engine.path.iterdir():
        old.unlink()
    engine.make(schema(marks=False), [])
    (engine.path / "delist.db").write_bytes(kept)
    assert engine.apply().restored == 1


def test_an_address_longer_than_a_term_is_told_and_the_rest_is_served(engine: Tantivy) -> None:
    engine.make(
        schema(marks=False), [*PAGES, {"url": "http://worse.example.test/" + "a" * 65_530, "title": "long word"}]
    )
    done = engine.apply(BAD, WORSE)
    assert (done.scanned, done.unchecked, done.delisted) == (4, 3, 2)


DYING = """
import os, signal, sys
from pathlib import Path
from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.indexes import open_index
from blocklists.indexes.tantivy_index import _Application
key_file, folder, state, path, moment = sys.argv[1:]
write = _Application._write
def dying(self, changes):
    if moment == "after":
        assert write(self, changes)
    os.kill(os.getpid(), signal.SIGKILL)
_Application._write = dying
key = ConsumerKey.parse(Path(key_file).read_text())
feed = Feed.open(folder, key, Path(state))
open_index("tantivy:" + path, url_field="url").apply(feed, key)
"""


def die(engine: Tantivy, moment: str, *entries: Any) -> None:  # noqa: ANN401 - entries
    """Apply in a process that is killed just before, or just after, the index is changed."""
    engine.publisher.publish(*entries)
    key = engine.state.with_name("key.json")
    key.write_text(engine.publisher.key.to_json())
    command = [sys.executable, "-c", DYING, str(key), str(engine.publisher.folder), str(engine.state)]
    done = subprocess.run([*command, str(engine.path), moment], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(("moment", "marks"), [("before", False), ("after", False), ("after", True)])
def test_killed_between_its_own_file_and_the_index_the_next_application_repairs_it(
    engine: Tantivy, moment: str, marks: bool
) -> None:
    engine.make(schema(marks=marks))
    engine.clause = " -delist.action:delist" if marks else ""
    before = engine.documents("word")
    die(engine, moment, BAD, WORSE)
    assert (BAD_URL in engine.search()) is (moment == "before")
    done = engine.apply(BAD, WORSE)
    assert (done.delisted, done.aside) == (2 if moment == "before" else 0, 2)
    assert BAD_URL not in engine.search()
    die(engine, moment, WORSE)
    assert (BAD_URL in engine.search()) is (moment == "after")
    done = engine.apply(WORSE)
    assert (done.restored, done.aside) == (1 if moment == "before" else 0, 1)
    engine.apply()
    assert engine.documents("word") == before


def test_after_a_death_a_retraction_finds_every_document_once(engine: Tantivy) -> None:
    engine.make(schema(marks=False))
    before = engine.documents("word")
    die(engine, "before", BAD, WORSE)
    engine.apply()
    assert engine.documents("word") == before


def test_the_page_for_owners_says_what_works(engine: Tantivy) -> None:
    page = (Path(__file__).parents[3] / "docs" / "indexes.md").read_text(encoding="utf-8")
    section = page.partition("## Tantivy\n")[2].partition("\n## ")[0]
    field, parsed, built = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    made = tantivy.SchemaBuilder()
    made.add_text_field("url", stored=True, tokenizer_name="raw")
    made.add_text_field("title", stored=True)
    exec(field, {"schema_builder": made})  # noqa: S102 - our own page
    engine.make(made.build(), [{"url": url, "title": "word"} for url in (BAD_URL, WORSE_URL)])
    engine.apply(BAD)
    index = tantivy.Index.open(str(engine.path))
    plain = index.parse_query("word", ["title"])
    for code, names in ((parsed, {"words": "word"}), (built, {"query": plain})):
        said: dict[str, Any] = {"index": index, "tantivy": tantivy, **names}
        exec(code, said)  # noqa: S102 - our own page
        assert (index.searcher().search(said["query"]).count, index.searcher().search(plain).count) == (1, 2)


def test_the_command_applies_and_says_what_it_did(engine: Tantivy) -> None:
    engine.make(schema(marks=False))
    engine.publisher.publish(BAD)
    key = engine.state.with_name("key.json")
    key.write_text(engine.publisher.key.to_json())
    place = ["--var", str(engine.state), "--feed", str(engine.publisher.folder), "--key", str(key)]
    command = [str(Path(sys.executable).with_name("delist")), "apply", f"tantivy:{engine.path}", *place]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout == "version 1: scanned 4, delisted 1, restored 0; now 1 delisted, 0 demoted, 0 warned\n", done
    assert done.stderr == "2 documents have no address that can be checked; they stay\n"
    assert BAD_URL not in engine.search()


def test_without_the_library_the_command_says_what_to_install() -> None:
    code = "import sys; sys.modules['tantivy'] = None\nfrom blocklists.indexes import open_index\n"
    code += (
        "try: open_index('tantivy:x', url_field='url')\nexcept Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "ApplyError the library of Tantivy is not installed; pip install 'delist[tantivy]'\n"
