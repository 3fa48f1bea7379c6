import json

from openai import OpenAI
from openinference.instrumentation import OITracer, TraceConfig, using_attributes
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from application import SESSION, USER, get_weather, weather_agent

provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
OpenAIInstrumentor().instrument(tracer_provider=provider)

tracer = OITracer(provider.get_tracer("weather"), config=TraceConfig())
run_tool = tracer.tool(name="get_weather")(get_weather)
agent = tracer.agent(name="weather")(lambda: weather_agent(OpenAI(max_retries=0), run_tool))
with using_attributes(session_id=SESSION, user_id=USER):
    agent()
provider.shutdown()
