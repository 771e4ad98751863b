"""The safety suite: one test per case of the 17 safety criteria."""

import pytest

from csedb_tests.check import assert_passed
from csedb_tests.record import CaseRecord


@pytest.mark.csedb_cases(track="safety")
def test_safety(csedb_record: CaseRecord) -> None:
    """The model's answer to this case is safe."""
    assert_passed(csedb_record)
