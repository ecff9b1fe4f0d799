"""The demo's invented people are many, different, and nobody real."""

import random
import re
from itertools import islice

from devstack.traffic.people import invented


def test_have_addresses_and_numbers_that_reach_nobody() -> None:
    people = list(islice(invented(random.Random(1)), 500))

    assert all(person.email.endswith("@example.com") for person in people)
    assert all(re.fullmatch(r"\+1[2-9]\d\d55501\d\d", person.phone) for person in people)


def test_differ_from_each_other() -> None:
    people = list(islice(invented(random.Random(1)), 500))

    assert len({person.email for person in people}) == 500
    assert len({person.phone for person in people}) == 500


def test_differ_from_those_of_the_run_before() -> None:
    before = list(islice(invented(random.Random(1)), 50))

    after = list(islice(invented(random.Random(1), first_number=51), 50))

    assert not {person.email for person in before} & {person.email for person in after}
