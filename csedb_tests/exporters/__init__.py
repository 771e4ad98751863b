"""Runs, stores and banks as files that other programs read: one module per form."""
