"""Prints, as JSON, what the AWS APIs tell of everything that is deployed at AWS_ENDPOINT_URL."""

import json

import boto3

c = boto3.client
lam, sqs, s3, cw, ev = c("lambda"), c("sqs"), c("s3"), c("cloudwatch"), c("events")


def attempt(call):
    """None where the emulation has nothing, as after a default."""
    try:
        return call()
    except Exception:  # noqa: BLE001
        return None


functions = {f["FunctionName"]: f for f in lam.list_functions()["Functions"]}
out = {
    "functions": {
        name: {k: f.get(k) for k in ("Runtime", "Handler", "MemorySize", "Timeout", "Architectures", "CodeSha256")}
        | {"Environment": f.get("Environment", {}).get("Variables", {})}
        for name, f in functions.items()
    },
    "urls": {
        name: {k: u[k] for k in ("AuthType", "InvokeMode")}
        for name in functions
        if (u := attempt(lambda: lam.get_function_url_config(FunctionName=name)))
    },
    "sources": [
        {k: m.get(k) for k in ("EventSourceArn", "BatchSize", "FunctionResponseTypes", "ScalingConfig")}
        for m in lam.list_event_source_mappings()["EventSourceMappings"]
    ],
    "queues": {
        q.rsplit("/", 1)[1]: sqs.get_queue_attributes(QueueUrl=q, AttributeNames=["All"])["Attributes"]
        for q in sqs.list_queues().get("QueueUrls", [])
    },
    "buckets": {
        b["Name"]: {
            "publicAccess": attempt(lambda: s3.get_public_access_block(Bucket=b["Name"])["PublicAccessBlockConfiguration"]),
            "encryption": attempt(
                lambda: s3.get_bucket_encryption(Bucket=b["Name"])["ServerSideEncryptionConfiguration"]["Rules"][0]
            ),
        }
        for b in s3.list_buckets()["Buckets"]
    },
    "alarms": {
        a["AlarmName"]: {"threshold": a["Threshold"], "missing": a["TreatMissingData"], "actions": len(a["AlarmActions"])}
        for a in cw.describe_alarms()["MetricAlarms"]
    },
    "dashboards": [d["DashboardName"] for d in cw.list_dashboards()["DashboardEntries"]],
    "logGroups": {g["logGroupName"]: g.get("retentionInDays") for g in c("logs").describe_log_groups()["logGroups"]},
    "secrets": [s["Name"] for s in c("secretsmanager").list_secrets()["SecretList"]],
    "rules": [
        {"schedule": r.get("ScheduleExpression"), "targets": [t["Arn"] for t in ev.list_targets_by_rule(Rule=r["Name"])["Targets"]]}
        for r in ev.list_rules()["Rules"]
    ],
    "topics": [t["TopicArn"] for t in c("sns").list_topics()["Topics"]],
    "roles": [r["RoleName"] for r in c("iam").list_roles()["Roles"] if not r["RoleName"].startswith("cdk-")],
}
print(json.dumps(out, default=str))
