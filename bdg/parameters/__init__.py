"""Typed parameters: numbers with bounds and units, short lists, unions; and the words of what is refused.

The sections of a configuration and the parameters of an observable are both made of these, so that a value
from a file and one from Python meet the same bounds and the same words.
"""
