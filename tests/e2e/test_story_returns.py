"""Each story of money that goes back."""

import pytest

from tests.e2e.stories.returns import STORIES
from tests.support.stories.story import Story, Telling


@pytest.mark.parametrize("story", STORIES, ids=repr)
def test_goes_as_told(told: dict[str, Telling], story: Story) -> None:
    failure = told[story.title].failure
    if failure is not None:
        raise failure
