"""Reports: functions from records to text, one module per form."""
