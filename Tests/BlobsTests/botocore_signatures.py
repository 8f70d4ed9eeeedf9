"""Prints how AWS's own library signs the requests of its argument: as headers, and as links of 900 seconds."""

import datetime
import json
import sys

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

MOMENT = datetime.datetime(2013, 5, 24)
botocore.auth.get_current_datetime = lambda *_: MOMENT


def sign(case, signer):
    query = f"?{case['query']}" if case["query"] else ""
    request = AWSRequest("GET", f"http://127.0.0.1:9000{case['path']}{query}")
    signer.add_auth(request)
    return request


answers = []
for case in json.loads(sys.argv[1]):
    credentials = Credentials("AK", "SK", case.get("token"))
    header = sign(case, botocore.auth.S3SigV4Auth(credentials, "s3", "eu-central-1"))
    link = sign(case, botocore.auth.S3SigV4QueryAuth(credentials, "s3", "eu-central-1", expires=900))
    answers.append({"header": header.headers["Authorization"], "link": link.url.rsplit("=", 1)[1]})
print(json.dumps(answers))
