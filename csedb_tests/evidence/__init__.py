"""The evidence pack: everything a decision rests on in one file that can be checked."""
