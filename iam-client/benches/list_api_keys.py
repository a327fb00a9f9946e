"""Lists all API keys of a server with IBM's Python SDK; prints how many and the seconds."""

import sys
import time
from urllib.parse import parse_qs, urlparse

from ibm_cloud_sdk_core.authenticators import IAMAuthenticator
from ibm_platform_services import IamIdentityV1

url = sys.argv[1]
service = IamIdentityV1(authenticator=IAMAuthenticator("k3y", url=url))
service.set_service_url(url)
started = time.monotonic()
count, token = 0, None
while True:
    # The SDK has no pager for this operation.
    page = service.list_api_keys(account_id="a", pagesize=100, pagetoken=token).get_result()
    count += len(page["apikeys"])
    if not page.get("next"):
        break
    token = parse_qs(urlparse(page["next"]).query)["pagetoken"][0]
print(count, f"{time.monotonic() - started:.3f}")
