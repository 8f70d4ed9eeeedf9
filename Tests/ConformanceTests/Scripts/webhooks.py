"""Webhooks: the calls, and deliveries to a receiver that checks their signature."""

import base64
import hashlib
import hmac
import http.server
import json
import queue
import threading

from expecting import equal, refused
from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookStatus

client = MlflowClient()
received = queue.Queue()
# What the receiver answers, one after another; 200 when there is nothing left.
answers = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received.put((self.path, self.headers, body))
        status = answers.get() if not answers.empty() else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"taken")

    def log_message(self, *_):
        pass


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{receiver.server_port}/hook"


def delivery(secret="a secret ☂"):
    path, headers, body = received.get(timeout=30)
    identifier, time = headers["X-MLflow-Delivery-Id"], headers["X-MLflow-Timestamp"]
    signed = f"{identifier}.{time}.".encode() + body
    signature = base64.b64encode(hmac.new((secret or "").encode(), signed, hashlib.sha256).digest()).decode()
    equal(headers.get("X-MLflow-Signature"), f"v1,{signature}" if secret else None)
    message = json.loads(body)
    assert message["timestamp"].endswith("Z")
    return f'{message["entity"]}.{message["action"]}', message["data"], identifier


everything = [
    "registered_model.created", "model_version.created", "model_version_tag.set", "model_version_tag.deleted",
    "model_version_alias.created", "model_version_alias.deleted"]
hook = client.create_webhook("all", url, everything, description="tell me", secret="a secret ☂")
equal((hook.name, hook.url, hook.description, hook.status), ("all", url, "tell me", WebhookStatus.ACTIVE))
equal([str(event) for event in client.get_webhook(hook.webhook_id).events], everything)
equal(hook.secret, None)

client.create_registered_model("watched", tags={"a": "b"}, description="a model")
equal(delivery()[:2], ("registered_model.created", {"name": "watched", "tags": {"a": "b"}, "description": "a model"}))
version = client.create_model_version("watched", "s3://bucket/model", tags={"c": "d"})
equal(delivery()[:2], ("model_version.created", {
    "name": "watched", "version": "1", "source": "s3://bucket/model", "run_id": None, "tags": {"c": "d"},
    "description": ""}))
client.set_model_version_tag("watched", "1", "stage", "tested")
equal(delivery()[:2], ("model_version_tag.set", {"name": "watched", "version": "1", "key": "stage", "value": "tested"}))
client.delete_model_version_tag("watched", "1", "stage")
equal(delivery()[:2], ("model_version_tag.deleted", {"name": "watched", "version": "1", "key": "stage"}))
client.set_registered_model_alias("watched", "champion", "1")
equal(delivery()[:2], ("model_version_alias.created", {"name": "watched", "alias": "champion", "version": "1"}))
client.delete_registered_model_alias("watched", "champion")
equal(delivery()[:2], ("model_version_alias.deleted", {"name": "watched", "alias": "champion"}))

# A receiver that fails for a moment is asked again, with the same id; one that refuses is not.
answers.put(503)
client.set_registered_model_alias("watched", "champion", "1")
first, second = delivery(), delivery()
equal(first, second)
answers.put(404)
client.delete_registered_model_alias("watched", "champion")
equal(delivery()[0], "model_version_alias.deleted")

# Trying it out.
result = client.test_webhook(hook.webhook_id)
equal((result.success, result.response_status, result.response_body), (True, 200, "taken"))
equal(delivery()[0], "registered_model.created")
answers.put(302)
result = client.test_webhook(hook.webhook_id, "model_version_tag.set")
equal((result.success, result.response_status), (True, 302))
equal(delivery()[0], "model_version_tag.set")

# Changing it: unsigned, of one kind, then silent.
changed = client.update_webhook(hook.webhook_id, name="some", events=["model_version_tag.set"], secret="")
equal((changed.name, changed.url, len(changed.events)), ("some", url, 1))
client.create_registered_model("unwatched")
client.set_model_version_tag("watched", "1", "a", "1")
equal(delivery(secret=None)[1]["key"], "a")
client.update_webhook(hook.webhook_id, status=WebhookStatus.DISABLED)
client.set_model_version_tag("watched", "1", "b", "2")
other = client.create_webhook("other", url, ["prompt.created", "model_version_tag.set"])
equal([webhook.name for webhook in client.list_webhooks()], ["other", "some"])
page = client.list_webhooks(max_results=1)
equal(([webhook.name for webhook in page], len(client.list_webhooks(max_results=1, page_token=page.token))), (["other"], 1))
client.set_model_version_tag("watched", "1", "c", "3")
equal(delivery(secret=None)[1]["key"], "c")

client.delete_webhook(hook.webhook_id)
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.get_webhook(hook.webhook_id)
for name in ["", "-a", "a b", "x" * 64]:
    with refused("INVALID_PARAMETER_VALUE"):
        client.create_webhook(name, url, ["prompt.created"])
with refused("INVALID_PARAMETER_VALUE"):
    client.create_webhook("a", "ftp://127.0.0.1/x", ["prompt.created"])
assert received.empty()
result = client.test_webhook(client.create_webhook("nobody", "http://127.0.0.1:9/x", ["prompt.created"]).webhook_id)
assert not result.success and result.error_message
