"""What ``--junitxml`` gets from us beside the cases' own properties."""

import pytest
from _pytest.junitxml import xml_key

from csedb_tests.record import RunRecord
from csedb_tests.reports.junit import run_properties


def add_run_properties(config: pytest.Config, record: RunRecord) -> None:
    """Give pytest's junit.xml, if one is asked for, the run's properties: identity, decision, gates."""
    xml = config.stash.get(xml_key, None)
    if xml is not None:
        for name, value in run_properties(record).items():
            xml.add_global_property(name, value)
