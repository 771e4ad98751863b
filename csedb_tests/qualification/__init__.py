"""How a judge earns its place: by the bank's exemplars, by people's labels, and by what should not change its mind.

`qualify` ties the parts together for the command; `standing` is what a run asks before its judge may decide.
"""
