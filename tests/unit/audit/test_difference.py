"""Field by field, in kind and value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.domain.difference import ABSENT, FieldChange, differences, same

_LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=3)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=8,
)
_DOCUMENTS = st.dictionaries(st.text("abc", min_size=1, max_size=2), _VALUES, max_size=4)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), (1, True), (0, False), (None, 0), ([1], [1.0]), ({"a": 1}, {"a": 1, "b": None})],
)
def test_values_of_different_kinds_are_different(one: Any, other: Any) -> None:
    assert not same(one, other)


def test_each_changed_leaf_is_named_with_its_path() -> None:
    before = {
        "status": "RECEIVED",
        "debtor": {"account": "acc_1"},
        "history": [{"n": 1}],
        "memo": "x",
    }
    after = {"status": "HELD", "debtor": {"account": "acc_1"}, "history": [{"n": 1}, {"n": 2}]}

    assert differences(before, after) == [
        FieldChange("history.1", ABSENT, {"n": 2}),
        FieldChange("memo", "x", ABSENT),
        FieldChange("status", "RECEIVED", "HELD"),
    ]


@given(_DOCUMENTS, _DOCUMENTS)
def test_there_is_a_difference_exactly_when_documents_are_not_the_same(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert (differences(one, other) == []) is same(one, other)


@given(_DOCUMENTS)
def test_a_document_is_the_same_as_itself(document: dict[str, Any]) -> None:
    assert same(document, document)
    assert differences(document, document) == []
