"""The registry: models, versions, aliases, stages, tags, searches, and prompts that stay out of the way."""

import warnings

import mlflow
from expecting import equal, refused
from mlflow import MlflowClient

warnings.simplefilter("ignore")
client = MlflowClient()
made = client.create_registered_model("churn", tags={"team": "growth"}, description="Who leaves")
equal((made.name, made.tags, made.description), ("churn", {"team": "growth"}, "Who leaves"))
with refused("RESOURCE_ALREADY_EXISTS"):
    client.create_registered_model("churn")
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.get_registered_model("nobody")

runs = []
for number in range(3):
    run = client.create_run("0").info
    client.log_text(run.run_id, "x", "model/MLmodel")
    runs.append(run.run_id)
    version = client.create_model_version(
        "churn", f"{run.artifact_uri}/model", run_id=run.run_id, tags={"number": str(number)}, description=f"v{number}")
    equal((version.version, version.status, version.current_stage), (str(number + 1), "READY", "None"))
    equal(client.get_model_version_download_uri("churn", version.version), f"{run.artifact_uri}/model")
equal(client.get_model_version("churn", "2").run_id, runs[1])
equal(client.get_model_version("churn", "2").tags, {"number": "1"})
with refused("INVALID_PARAMETER_VALUE", "Invalid model version source"):
    client.create_model_version("churn", "/etc/passwd", run_id=runs[0])
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.create_model_version("nobody", "s3://bucket/model")

client.set_registered_model_alias("churn", "champion", "1")
client.set_registered_model_alias("churn", "champion", "2")
client.set_registered_model_alias("churn", "challenger", "3")
equal(client.get_model_version_by_alias("churn", "champion").version, "2")
equal(client.get_registered_model("churn").aliases, {"champion": "2", "challenger": "3"})
equal(client.get_model_version("churn", "3").aliases, ["challenger"])
client.delete_registered_model_alias("churn", "challenger")
client.delete_registered_model_alias("churn", "challenger")
with refused("INVALID_PARAMETER_VALUE", "Registered model alias challenger not found"):
    client.get_model_version_by_alias("churn", "challenger")
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.set_registered_model_alias("churn", "champion", "9")

client.transition_model_version_stage("churn", "1", "Production")
moved = client.transition_model_version_stage("churn", "2", "production", archive_existing_versions=True)
equal(moved.current_stage, "Production")
equal(client.get_model_version("churn", "1").current_stage, "Archived")
equal([(found.version, found.current_stage) for found in client.get_latest_versions("churn", ["Production"])],
      [("2", "Production")])
equal({found.version for found in client.get_latest_versions("churn")}, {"1", "2", "3"})
with refused("INVALID_PARAMETER_VALUE"):
    client.transition_model_version_stage("churn", "1", "Live")

client.set_registered_model_tag("churn", "tier", "1")
client.delete_registered_model_tag("churn", "tier")
client.set_model_version_tag("churn", "1", "gate", "passed")
client.set_model_version_tag("churn", stage="Production", key="live", value="yes")
client.delete_model_version_tag("churn", "1", "number")
equal(client.get_model_version("churn", "1").tags, {"gate": "passed"})
equal(client.get_model_version("churn", "2").tags["live"], "yes")
client.update_model_version("churn", "1", "The first")
client.update_registered_model("churn", "Who may leave")
equal(client.get_model_version("churn", "1").description, "The first")
equal(client.get_registered_model("churn").description, "Who may leave")

for name in ["fraud", "Fraud two", "price"]:
    client.create_registered_model(name, tags={"kind": name[0]})


def names(**query):
    return [found.name for found in client.search_registered_models(**query)]


equal(names(), ["Fraud two", "churn", "fraud", "price"])
equal(names(filter_string="name ILIKE 'fraud%'", order_by=["name DESC"]), ["fraud", "Fraud two"])
equal(names(filter_string="tags.kind = 'p'"), ["price"])
page = client.search_registered_models(max_results=3)
equal([found.name for found in client.search_registered_models(max_results=3, page_token=page.token)], ["price"])
versions = client.search_model_versions("name = 'churn'", order_by=["version_number DESC"])
equal([found.version for found in versions], ["3", "2", "1"])
equal([found.version for found in client.search_model_versions(f"run_id = '{runs[1]}'")], ["2"])
equal([found.version for found in client.search_model_versions("tags.gate = 'passed'")], ["1"])
with refused("INVALID_PARAMETER_VALUE"):
    client.search_model_versions("colour = 'red'")

mlflow.genai.register_prompt("greeting", "Hello {{name}}")
mlflow.genai.register_prompt("greeting", "Good day, {{name}}", commit_message="More polite")
mlflow.genai.set_prompt_alias("greeting", "polite", 2)
equal(mlflow.genai.load_prompt("prompts:/greeting/1").format(name="Ann"), "Hello Ann")
equal(mlflow.genai.load_prompt("prompts:/greeting@polite").format(name="Ann"), "Good day, Ann")
equal([prompt.name for prompt in mlflow.genai.search_prompts()], ["greeting"])
assert "greeting" not in names()
equal(client.search_model_versions("name = 'greeting'"), [])

client.rename_registered_model("churn", "leavers")
equal(client.get_model_version_by_alias("leavers", "champion").version, "2")
client.delete_model_version("leavers", "3")
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.get_model_version("leavers", "3")
equal(client.create_model_version("leavers", "s3://bucket/model").version, "4")
client.delete_registered_model("leavers")
equal(client.search_model_versions("name = 'leavers'"), [])
equal(names(), ["Fraud two", "fraud", "price"])
