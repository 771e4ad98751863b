"""Failures of calls and of the run: infrastructure, never a low score."""


class CallFailure(Exception):
    """One attempt failed.

    ``retryable`` says that another attempt may succeed; ``retry_after`` is the server's own wish in seconds;
    ``throttled`` marks a 429, which slows the whole run down.
    """

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        throttled: bool = False,
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after = retry_after
        self.throttled = throttled


class FatalFailure(Exception):
    """Every further call would fail the same way (a wrong key, a model that is not there): the run stops."""


class Unscored(Exception):
    """A case has no trustworthy verdict; the message is the reason shown to people."""


class NotAsked(Unscored):
    """The run ended before this could be asked: no fault of the model or the judge."""
