"""Errors a caller can act on."""

from __future__ import annotations


class MetierError(Exception):
    """An error a caller can act on.

    The message says what is wrong, where, and how to mend it, and never
    contains personal data. `code` is stable; `status` is the HTTP status that
    the server answers with; `param` names the request field at fault.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "metier_error",
        status: int = 500,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.param = param


class BadRequest(MetierError):
    """The caller sent something that cannot be served as it is."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "invalid_request",
        status: int = 400,
        param: str | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status, param=param)


class PurposeRefused(MetierError):
    """A plugin reached for a category that its manifest does not declare; never content."""

    def __init__(self, plugin: str, category: str) -> None:
        super().__init__(
            f"The plugin '{plugin}' asked for '{category}', which its manifest does not declare. "
            "Declare the category, with its purpose, or don't ask for it.",
            code="purpose_refused",
            status=403,
        )
        self.category = category


class EgressBlocked(MetierError):
    """The guard found something sensitive, or could not finish looking. Nothing was sent.

    What was found is of the request, which can't be sent as it is: a fault of the server would be
    tried again as it is by clients, and sent elsewhere by proxies. A look that failed is the
    server's.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "egress_blocked",
        status: int = 422,
        param: str | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status, param=param)


class EngineError(MetierError):
    """The model server is down, slow, or broke off.

    `retry_after` is in how many seconds it makes sense to try again, where that is known.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "engine_unavailable",
        status: int = 502,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.retry_after = retry_after
