"""The effectiveness suite: one test per case of the 13 effectiveness criteria."""

import pytest

from csedb_tests.check import assert_passed
from csedb_tests.record import CaseRecord


@pytest.mark.csedb_cases(track="effectiveness")
def test_effectiveness(csedb_record: CaseRecord) -> None:
    """The model's answer to this case helps."""
    assert_passed(csedb_record)
