"""Reads environments with IBM's own Python core.

    python ibm.py < CASES.json > FOUND.json

A case has variables, and files by their path in the current directory; the home
directory is the subdirectory `home`:

    {"service": "iam_identity", "variables": {"NAME": "value"}, "files": {"path": "content"}}

What was found is one of

    {"type": "iam", "apikey": "...", ...}    the authenticator, without what it has not
    {"type": null}                           none, and no error
    {"error": "..."}
"""

import contextlib
import json
import os
import pathlib
import sys
import tempfile

from ibm_cloud_sdk_core import get_authenticator_from_environment

# Attributes of authenticators, and of their token managers.
NAMES = [
    "username", "password", "bearer_token", "apikey", "client_id", "client_secret", "scope", "url",
    "disable_ssl_verification", "iam_profile_id", "iam_profile_crn", "iam_profile_name",
    "iam_account_id", "cr_token_filename", "service_version",
]


def attributes(authenticator):
    """What an authenticator was made of."""
    found = {"type": authenticator.authentication_type()}
    manager = getattr(authenticator, "token_manager", None)
    for owner in [authenticator, manager, getattr(manager, "iam_delegate", None)]:
        for name in NAMES:
            value = getattr(owner, name, None)
            if value is not None and name not in found:
                found[name] = value
    if found["type"] == "vpc":
        # Nothing sets it, for it is plain HTTP.
        del found["disable_ssl_verification"]
    return found


def read(case, empty):
    """What there is for the service of a case."""
    with tempfile.TemporaryDirectory() if case["files"] else contextlib.nullcontext(empty) as directory:
        os.chdir(directory)
        for path, content in case["files"].items():
            path = pathlib.Path(path)
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        os.environ.clear()
        os.environ["HOME"] = os.path.join(directory, "home")
        os.environ.update(case["variables"])
        try:
            authenticator = get_authenticator_from_environment(case["service"])
            return attributes(authenticator) if authenticator else {"type": None}
        except Exception as error:  # Whatever it is, the test judges it.
            return {"error": f"{type(error).__name__}: {error}"}
        finally:
            os.chdir("/")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as empty:
        json.dump([read(case, empty) for case in json.load(sys.stdin)], sys.stdout)
