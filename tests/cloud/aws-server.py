"""moto server plus the CloudFormation resource types moto 5.2 leaves out.

Stock moto silently skips types it has no CloudFormation model for (Secret, Lambda URL, Alarm,
every *Policy attachment, HTTP API, Scheduler) and any Fn::GetAtt on them then fails the deploy.
Each class made here calls the service's own API on this same server through boto3, so botocore
validates the properties and the result can be read back with the ordinary API.

    python3 aws-server.py -p 5611 [--builtin-esm]

--builtin-esm   keep moto's own SQS->Lambda pump (it runs inside SendMessage, one record per
                invoke, no partial batch responses; in 'simple' mode it deletes every message).
                Off by default: messages stay in the queue for a real poller to take.
"""
from __future__ import annotations

import argparse
import copy
import json
import os

ap = argparse.ArgumentParser()
ap.add_argument("-H", "--host", default="127.0.0.1")
ap.add_argument("-p", "--port", type=int, default=5611)
ap.add_argument("--account", default="123456789012")
ap.add_argument("--builtin-esm", action="store_true")
args = ap.parse_args()

os.environ["MOTO_ACCOUNT_ID"] = args.account  # read when moto is imported
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
ENDPOINT = f"http://127.0.0.1:{args.port}"

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402
from moto.core.common_models import CloudFormationModel  # noqa: E402


def api(service: str, region: str):
    return boto3.client(service, region_name=region, endpoint_url=ENDPOINT, config=Config(retries={"max_attempts": 1}))


def call(client, op: str, props: dict):
    """Call `op` with those props its input shape knows; a prop it does not know is an error."""
    known = set(client.meta.service_model.operation_model(client.meta.method_to_api_mapping[op]).input_shape.members)
    unknown = set(props) - known
    if unknown:
        raise ValueError(f"{op}: properties this emulation does not carry over: {sorted(unknown)}")
    return getattr(client, op)(**props)


def drop(props: dict, *names: str) -> dict:
    return {k: v for k, v in props.items() if k not in names}


def tag_map(tags) -> dict:
    return {t["Key"]: t["Value"] for t in tags or []}


class Spec:
    """create(name, props, region) -> (physical id, attributes); delete(pid, props, region)."""

    type = ""
    name_prop = ""
    attrs: tuple[str, ...] = ()

    def create(self, name, p, region):
        return name, {}

    def update(self, pid, p, region):
        return self.create(pid, p, region)

    def delete(self, pid, p, region):
        return None


class Secret(Spec):
    type, name_prop, attrs = "AWS::SecretsManager::Secret", "Name", ("Id",)

    def create(self, name, p, region):
        p = dict(p)
        gen = p.pop("GenerateSecretString", None)
        if gen is not None:
            pw = api("secretsmanager", region).get_random_password(**drop(gen, "SecretStringTemplate", "GenerateStringKey"))["RandomPassword"]
            if "SecretStringTemplate" in gen:
                doc = json.loads(gen["SecretStringTemplate"])
                doc[gen["GenerateStringKey"]] = pw
                pw = json.dumps(doc)
            p["SecretString"] = pw
        arn = call(api("secretsmanager", region), "create_secret", {**p, "Name": name})["ARN"]
        return arn, {"Id": arn}

    def update(self, pid, p, region):
        q = {k: p[k] for k in ("Description", "KmsKeyId", "SecretString") if k in p}
        api("secretsmanager", region).update_secret(SecretId=pid, **q)
        return pid, {"Id": pid}

    def delete(self, pid, p, region):
        api("secretsmanager", region).delete_secret(SecretId=pid, ForceDeleteWithoutRecovery=True)


class FunctionUrl(Spec):
    type, attrs = "AWS::Lambda::Url", ("FunctionUrl", "FunctionArn")

    def create(self, name, p, region):
        q = {**drop(p, "TargetFunctionArn"), "FunctionName": p["TargetFunctionArn"]}
        r = call(api("lambda", region), "create_function_url_config", q)
        return r["FunctionArn"], {"FunctionUrl": r["FunctionUrl"].rstrip("/") + "/", "FunctionArn": r["FunctionArn"]}

    def delete(self, pid, p, region):
        api("lambda", region).delete_function_url_config(FunctionName=p["TargetFunctionArn"])


class Alarm(Spec):
    type, name_prop, attrs = "AWS::CloudWatch::Alarm", "AlarmName", ("Arn",)

    def create(self, name, p, region):
        cw = api("cloudwatch", region)
        call(cw, "put_metric_alarm", {**p, "AlarmName": name})
        return name, {"Arn": cw.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"]}

    def delete(self, pid, p, region):
        api("cloudwatch", region).delete_alarms(AlarmNames=[pid])


class QueuePolicy(Spec):
    type = "AWS::SQS::QueuePolicy"

    def create(self, name, p, region):
        for q in p["Queues"]:
            api("sqs", region).set_queue_attributes(QueueUrl=q, Attributes={"Policy": json.dumps(p["PolicyDocument"])})
        return name, {}


class BucketPolicy(Spec):
    type = "AWS::S3::BucketPolicy"

    def create(self, name, p, region):
        # moto applies Deny statements to requests without reading Conditions, and this server
        # speaks plain http: leave the "TLS only" statements out of what is attached.
        doc = dict(p["PolicyDocument"])
        doc["Statement"] = [s for s in doc["Statement"] if "aws:SecureTransport" not in json.dumps(s.get("Condition", {}))]
        if doc["Statement"]:
            api("s3", region).put_bucket_policy(Bucket=p["Bucket"], Policy=json.dumps(doc))
        return name, {}

    def delete(self, pid, p, region):
        api("s3", region).delete_bucket_policy(Bucket=p["Bucket"])


class TopicPolicy(Spec):
    type = "AWS::SNS::TopicPolicy"

    def create(self, name, p, region):
        for t in p["Topics"]:
            api("sns", region).set_topic_attributes(TopicArn=t, AttributeName="Policy", AttributeValue=json.dumps(p["PolicyDocument"]))
        return name, {}


class HttpApi(Spec):
    type, attrs = "AWS::ApiGatewayV2::Api", ("ApiEndpoint", "ApiId")

    def create(self, name, p, region):
        r = call(api("apigatewayv2", region), "create_api", p)
        return r["ApiId"], {"ApiEndpoint": r["ApiEndpoint"], "ApiId": r["ApiId"]}

    def update(self, pid, p, region):
        r = api("apigatewayv2", region).update_api(ApiId=pid, **drop(p, "ProtocolType", "Tags"))
        return pid, {"ApiEndpoint": r["ApiEndpoint"], "ApiId": pid}

    def delete(self, pid, p, region):
        api("apigatewayv2", region).delete_api(ApiId=pid)


class HttpIntegration(Spec):
    type = "AWS::ApiGatewayV2::Integration"

    def create(self, name, p, region):
        return call(api("apigatewayv2", region), "create_integration", p)["IntegrationId"], {}

    def delete(self, pid, p, region):
        api("apigatewayv2", region).delete_integration(ApiId=p["ApiId"], IntegrationId=pid)


class HttpRoute(Spec):
    type = "AWS::ApiGatewayV2::Route"

    def create(self, name, p, region):
        return call(api("apigatewayv2", region), "create_route", p)["RouteId"], {}

    def delete(self, pid, p, region):
        api("apigatewayv2", region).delete_route(ApiId=p["ApiId"], RouteId=pid)


class HttpStage(Spec):
    type = "AWS::ApiGatewayV2::Stage"

    def create(self, name, p, region):
        call(api("apigatewayv2", region), "create_stage", p)
        return p["StageName"], {}

    def delete(self, pid, p, region):
        api("apigatewayv2", region).delete_stage(ApiId=p["ApiId"], StageName=pid)


class Schedule(Spec):
    type, name_prop, attrs = "AWS::Scheduler::Schedule", "Name", ("Arn",)

    def create(self, name, p, region):
        return name, {"Arn": call(api("scheduler", region), "create_schedule", {**p, "Name": name})["ScheduleArn"]}

    def update(self, pid, p, region):
        return pid, {"Arn": call(api("scheduler", region), "update_schedule", {**p, "Name": pid})["ScheduleArn"]}

    def delete(self, pid, p, region):
        api("scheduler", region).delete_schedule(Name=pid, GroupName=p.get("GroupName", "default"))


class MetricFilter(Spec):
    type, name_prop = "AWS::Logs::MetricFilter", "FilterName"

    def create(self, name, p, region):
        tr = [{k[0].lower() + k[1:]: (str(v) if k == "MetricValue" else v) for k, v in t.items()} for t in p["MetricTransformations"]]
        api("logs", region).put_metric_filter(logGroupName=p["LogGroupName"], filterName=name, filterPattern=p["FilterPattern"], metricTransformations=tr)
        return name, {}

    def delete(self, pid, p, region):
        api("logs", region).delete_metric_filter(logGroupName=p["LogGroupName"], filterName=pid)


def make_model(spec: Spec) -> type:
    class Model(CloudFormationModel):
        __module__ = "moto.cfnext.models"  # moto files its models by the package they come from

        def __init__(self, pid, attrs, props):
            self.physical_resource_id, self.attrs, self.props = pid, attrs, props

        @staticmethod
        def cloudformation_name_type():
            return spec.name_prop

        @staticmethod
        def cloudformation_type():
            return spec.type

        @classmethod
        def has_cfn_attr(cls, attr):
            return attr in spec.attrs

        def get_cfn_attribute(self, name):
            return self.attrs[name]

        def is_created(self):
            return True

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kw):
            p = drop(cloudformation_json.get("Properties", {}), spec.name_prop)
            return cls(*spec.create(resource_name, p, region_name), p)

        @classmethod
        def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
            p = drop(cloudformation_json.get("Properties", {}), spec.name_prop)
            return cls(*spec.update(original_resource.physical_resource_id, p, region_name), p)

        def delete(self, account_id, region_name):
            try:
                spec.delete(self.physical_resource_id, self.props, region_name)
            except ClientError as e:  # moto deletes in no order: a parent may be gone already
                if e.response["ResponseMetadata"]["HTTPStatusCode"] not in (400, 404) or not any(
                    w in str(e) for w in ("NotFound", "NonExist", "NoSuch", "Invalid API identifier")
                ):
                    raise

        @classmethod
        def delete_from_cloudformation_json(cls, *a, **k):
            return None

    Model.__name__ = Model.__qualname__ = "Ext" + spec.__class__.__name__
    return Model


from moto.awslambda import models as lm  # noqa: E402
from moto.cloudformation import parsing  # noqa: E402
from moto.s3 import models as s3m  # noqa: E402
from moto.sqs import models as sqm  # noqa: E402

parsing.get_model_list.cache_clear()
have = {m.cloudformation_type() for m in CloudFormationModel.__subclasses__()}
KEEP = [make_model(c()) for c in Spec.__subclasses__() if c.type not in have]

# --- properties moto's own models drop on the way from a template -----------------------------
_bucket_create = s3m.FakeBucket.create_from_cloudformation_json.__func__


def bucket_create(cls, resource_name, cloudformation_json, account_id, region_name, **kw):
    b = _bucket_create(cls, resource_name, cloudformation_json, account_id, region_name, **kw)
    p, s3 = cloudformation_json.get("Properties", {}), api("s3", region_name)
    if "PublicAccessBlockConfiguration" in p:
        s3.put_public_access_block(Bucket=b.name, PublicAccessBlockConfiguration=p["PublicAccessBlockConfiguration"])
    if "VersioningConfiguration" in p:
        s3.put_bucket_versioning(Bucket=b.name, VersioningConfiguration=p["VersioningConfiguration"])
    if "LifecycleConfiguration" in p:
        rules = []
        for i, r in enumerate(p["LifecycleConfiguration"]["Rules"]):
            q = {"ID": r.get("Id", f"rule{i}"), "Status": r["Status"], "Filter": {"Prefix": r.get("Prefix", "")}}
            if "ExpirationInDays" in r:
                q["Expiration"] = {"Days": int(r["ExpirationInDays"])}
            if "AbortIncompleteMultipartUpload" in r:
                q["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": int(r["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])}
            rules.append(q)
        s3.put_bucket_lifecycle_configuration(Bucket=b.name, LifecycleConfiguration={"Rules": rules})
    if "NotificationConfiguration" in p:
        out = {}
        for src, dst, arn in (("QueueConfigurations", "QueueConfigurations", "Queue"), ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function"), ("TopicConfigurations", "TopicConfigurations", "Topic")):
            for c in p["NotificationConfiguration"].get(src, []):
                q = {("LambdaFunctionArn" if arn == "Function" else arn + "Arn"): c[arn], "Events": [c["Event"]]}
                if "Filter" in c:
                    q["Filter"] = {"Key": {"FilterRules": c["Filter"]["S3Key"]["Rules"]}}
                out.setdefault(dst, []).append(q)
        s3.put_bucket_notification_configuration(Bucket=b.name, NotificationConfiguration=out)
    return b


s3m.FakeBucket.create_from_cloudformation_json = classmethod(bucket_create)

_fn_create = lm.LambdaFunction.create_from_cloudformation_json.__func__


def fn_create(cls, resource_name, cloudformation_json, account_id, region_name, **kw):
    fn = _fn_create(cls, resource_name, cloudformation_json, account_id, region_name, **kw)
    p = cloudformation_json["Properties"]
    fn.architectures = p.get("Architectures", fn.architectures)
    fn.tracing_config = p.get("TracingConfig", fn.tracing_config)
    fn.ext_logging = p.get("LoggingConfig")
    return fn


lm.LambdaFunction.create_from_cloudformation_json = classmethod(fn_create)
_get_conf = lm.LambdaFunction.get_configuration


def get_configuration(self, *a, **k):
    c = _get_conf(self, *a, **k)
    if getattr(self, "ext_logging", None):
        c["LoggingConfig"] = self.ext_logging
    return c


lm.LambdaFunction.get_configuration = get_configuration

# moto 5.2: DeleteChangeSet of a name that does not exist is a 500 (UnboundLocalError); the CDK CLI
# sends exactly that before each change set on an existing stack. CloudFormation answers 200.
from moto.cloudformation import exceptions as cfx  # noqa: E402
from moto.cloudformation import models as cfm  # noqa: E402


def delete_change_set(self, change_set_name):
    for k, cs in list(self.change_sets.items()):
        if change_set_name in (k, cs.change_set_name):
            del self.change_sets[k]


class ChangeSetNotFound(cfx.CloudFormationError):
    code = "ChangeSetNotFound"


def scoped(name):
    """Change sets are looked up by bare name over all stacks; the CLI uses one name everywhere."""
    orig = getattr(cfm.CloudFormationBackend, name)

    def f(self, change_set_name, *a, **k):
        if not any(change_set_name in (x, cs.change_set_name) for x, cs in self.change_sets.items()):
            raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")
        return orig(self, change_set_name, *a, **k)

    setattr(cfm.CloudFormationBackend, name, f)


cfm.CloudFormationBackend.delete_change_set = delete_change_set
scoped("describe_change_set")
scoped("execute_change_set")


# A stack made through a change set has no Outputs in moto 5.2 (they are read before the template).
_apply = cfm.ChangeSet.apply


def apply_change_set(self):
    _apply(self)
    self.stack.template = self.template
    self.stack._parse_template()
    self.stack.output_map = self.stack._create_output_map()


cfm.ChangeSet.apply = apply_change_set


def describe_stack_events(self, stack_name):
    """Events of a deleted stack stay readable by its id, as `cdk destroy` expects."""
    if stack_name in self.deleted_stacks:
        return self.deleted_stacks[stack_name].events
    return self.get_stack(stack_name).events


cfm.CloudFormationBackend.describe_stack_events = describe_stack_events

# A bucket that outlives its stack is written "RetainExceptOnCreate", which moto does not know yet.
_delete_resources = parsing.ResourceMap.delete


def delete_resources(self):
    for resource in self._resource_json_map.values():
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate":
            resource["DeletionPolicy"] = "Retain"
    _delete_resources(self)


parsing.ResourceMap.delete = delete_resources

# On an update with UsePreviousValue moto looks an already resolved SSM parameter up again
# (BootstrapVersion = "33") and fails; keep the resolved value.
_parse_ssm = parsing.ResourceMap.parse_ssm_parameter


def parse_ssm_parameter(self, value, value_type):
    if parsing.ssm_backends[self._account_id][self._region_name].get_parameter(value) is None:
        return value
    return _parse_ssm(self, value, value_type)


parsing.ResourceMap.parse_ssm_parameter = parse_ssm_parameter

# moto looks at every message of a queue, several times and slowly, at each request, and lists its own
# modules: with the thousands of messages that an outage leaves, one request would take seconds.
import heapq  # noqa: E402
import itertools  # noqa: E402
import logging  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

from moto import backends  # noqa: E402

logging.getLogger("werkzeug").setLevel(logging.WARNING)
modules = list(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: modules

sqm.unix_time_millis = lambda *_: time.time() * 1000
sqm.SQSBackend.is_message_valid_based_on_retention_period = lambda *_: True


class Messages:
    """The messages of a queue: those that may be received now in one place, the others by when they may."""

    def __init__(self):
        self.all, self.ready, self.hidden, self.number = {}, {}, [], itertools.count()

    @staticmethod
    def due(message):
        return max(message.visible_at, message.delayed_until)

    def file(self, message):
        self.ready.pop(message.id, None)
        if message.id in self.all:
            heapq.heappush(self.hidden, (self.due(message), next(self.number), message))

    def settle(self):
        now = sqm.unix_time_millis()
        while self.hidden and self.hidden[0][0] < now:
            due, _, message = heapq.heappop(self.hidden)
            # What was filed again since stands further back, too.
            if message.id in self.all and due == self.due(message):
                self.ready[message.id] = message
        return self.ready

    def append(self, message):
        message.filed_in = self
        self.all[message.id] = message
        self.file(message)

    def remove(self, message):
        self.all.pop(message.id, None)
        self.ready.pop(message.id, None)

    def __iter__(self):
        return iter(list(self.all.values()))

    def __len__(self):
        return len(self.all)


HANDLES: dict[str, sqm.Message] = {}
LOCK = threading.RLock()


def alone(method):
    def locked(*a, **k):
        with LOCK:
            return method(*a, **k)

    return locked


_mark_received = sqm.Message.mark_received
_change_visibility = sqm.Message.change_visibility


def mark_received(self, visibility_timeout=None):
    _mark_received(self, visibility_timeout)
    HANDLES[self.receipt_handle] = self


@alone
def change_visibility(self, visibility_timeout):
    _change_visibility(self, visibility_timeout)
    self.filed_in.file(self)


@alone
def delete_message(self, receipt_handle):
    message = HANDLES.get(receipt_handle)
    if message is None:
        raise sqm.ReceiptHandleIsInvalid()
    self.pending_messages.discard(message)
    self._messages.remove(message)


def change_message_visibility(self, queue_name, receipt_handle, visibility_timeout):
    message = HANDLES.get(receipt_handle)
    if message is None:
        raise sqm.ReceiptHandleIsInvalid()
    message.change_visibility(visibility_timeout)


_queue_init = sqm.Queue.__init__


def queue_init(self, *a, **k):
    _queue_init(self, *a, **k)
    self._messages = Messages()


sqm.Message.mark_received = mark_received
sqm.Message.change_visibility = change_visibility
sqm.Message.__deepcopy__ = lambda self, memo: copy.copy(self)
sqm.Queue.__init__ = queue_init
sqm.Queue.messages = property(alone(lambda self: list(self._messages.settle().values())))
sqm.Queue.approximate_number_of_messages = property(alone(lambda self: len(self._messages.settle())))
sqm.Queue.approximate_number_of_messages_not_visible = property(
    alone(lambda self: len(self._messages) - len(self._messages.settle()))
)
# A message that is delayed counts as one that may not be received yet.
sqm.Queue.approximate_number_of_messages_delayed = property(lambda self: 0)
sqm.Queue.add_message = alone(sqm.Queue.add_message)
sqm.Queue.delete_message = delete_message
sqm.SQSBackend.receive_message = alone(sqm.SQSBackend.receive_message)
sqm.SQSBackend.change_message_visibility = change_message_visibility

if not args.builtin_esm:

    class NoPump(dict):
        """ESM records are kept (list_event_source_mappings works); SendMessage does not invoke."""

        def items(self):
            return [].__iter__()

    _q_init = sqm.Queue.__init__

    def q_init(self, *a, **k):
        _q_init(self, *a, **k)
        self.lambda_event_source_mappings = NoPump()

    sqm.Queue.__init__ = q_init

if __name__ == "__main__":
    from moto.server import main

    main(["-H", args.host, "-p", str(args.port)])
