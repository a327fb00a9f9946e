"""Makes calls with IBM's own Python SDK and writes down what was on the wire.

    python record.py CASES.json SEEN.json BEARER_TOKEN

CASES.json is a list. An entry calls an operation of a service:

    {"service": "identity", "operation": "get_api_key", "arguments": {"id": "..."}}

asks for the arguments that the SDK's method has, if it has the method:

    {"service": "identity", "signature": "get_api_key"}

or has a token manager of the SDK's core request a token:

    {"manager": "IAMTokenManager", "arguments": {"apikey": "..."}}

SEEN.json is a list in the same order, of the last request of each entry or of
why there was none:

    {"method": "GET", "target": "/v1/...", "headers": [["Accept", "..."]], "body": "..."}
    {"error": "..."}
    {"arguments": ["id", ...]} or {"arguments": null}, of a signature
"""

import base64
import inspect
import json
import sys
import tempfile
import threading
import time
import typing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ibm_cloud_sdk_core.authenticators import BearerTokenAuthenticator
from ibm_cloud_sdk_core.token_managers import (
    container_token_manager,
    iam_assume_token_manager,
    iam_token_manager,
)
from ibm_platform_services import (
    IamAccessGroupsV2,
    IamIdentityV1,
    IamPolicyManagementV1,
    iam_access_groups_v2,
    iam_identity_v1,
    iam_policy_management_v1,
)

SERVICES = {
    "identity": (IamIdentityV1, iam_identity_v1),
    "policy_management": (IamPolicyManagementV1, iam_policy_management_v1),
    "access_groups": (IamAccessGroupsV2, iam_access_groups_v2),
}

MANAGERS = {
    "IAMTokenManager": iam_token_manager.IAMTokenManager,
    "IAMAssumeTokenManager": iam_assume_token_manager.IAMAssumeTokenManager,
    "ContainerTokenManager": container_token_manager.ContainerTokenManager,
}


def token():
    """A JWT that nobody signed, for the token managers look into it."""
    now = int(time.time())
    parts = [{"alg": "HS256", "typ": "JWT"}, {"iat": now, "exp": now + 3600}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts]
    return ".".join([part.decode().rstrip("=") for part in encoded] + ["c2ln"])


class Handler(BaseHTTPRequestHandler):
    """Answers everything with 200 and keeps what was asked."""

    protocol_version = "HTTP/1.1"
    # Or each answer waits for the acknowledgement of its headers.
    disable_nagle_algorithm = True
    seen = []

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode("utf-8")
        headers = [[name, value] for name, value in self.headers.items()]
        Handler.seen.append({"method": self.command, "target": self.path, "headers": headers, "body": body})
        reply = b"{}"
        if self.path == "/identity/token":
            reply = json.dumps({"access_token": token(), "refresh_token": "not_supported"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


def model_of(hint):
    """The model that an annotation is of or about, and whether it is a list of it."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is list:
        return model_of(arguments[0])[0], True
    if arguments:
        found = [model_of(argument) for argument in arguments if argument is not type(None)]
        return next((one for one in found if one[0]), (None, False))
    return (hint if hasattr(hint, "from_dict") else None), False


def to_model(value, hint):
    """JSON as the SDK's own model where there is one, so that its field names are used."""
    model, is_list = model_of(hint)
    if model is None:
        return value
    return [model.from_dict(item) for item in value] if is_list else model.from_dict(value)


def call(case, services):
    """Carries out an operation."""
    service, module = services[case["service"]]
    method = getattr(service, case["operation"])
    known = inspect.signature(method).parameters
    strange = [name for name in case["arguments"] if name not in known]
    if strange:
        raise TypeError(f"the SDK has no argument {strange}; it has {list(known)}")
    hints = typing.get_type_hints(method, vars(module))
    method(**{name: to_model(value, hints[name]) for name, value in case["arguments"].items()})


def signature(case, services):
    """The names of a method's arguments, or None where there is no such method."""
    method = getattr(services[case["service"]][0], case["signature"], None)
    if method is None:
        return None
    parameters = inspect.signature(method).parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD]


def request_token(case, url):
    """Has a token manager request a token."""
    arguments = dict(case["arguments"])
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        if "cr_token" in arguments:
            file.write(arguments.pop("cr_token"))
            file.flush()
            arguments["cr_token_filename"] = file.name
        MANAGERS[case["manager"]](url=url, **arguments).request_token()


def main(cases, seen, bearer_token):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    services = {}
    for name, (service, module) in SERVICES.items():
        client = service(authenticator=BearerTokenAuthenticator(bearer_token))
        client.set_service_url(url)
        services[name] = (client, module)
    results = []
    with open(cases, encoding="utf-8") as file:
        for case in json.load(file):
            if "signature" in case:
                results.append({"arguments": signature(case, services)})
                continue
            Handler.seen = []
            problem = "nothing was sent"
            try:
                if "manager" in case:
                    request_token(case, url)
                else:
                    call(case, services)
            except Exception as error:  # Whatever it is, the test says so.
                problem = f"{type(error).__name__}: {error}"
            results.append(Handler.seen[-1] if Handler.seen else {"error": problem})
    server.shutdown()
    with open(seen, "w", encoding="utf-8") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
