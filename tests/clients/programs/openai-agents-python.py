import asyncio
import os

from agents import Agent, OpenAIChatCompletionsModel, RunConfig, Runner, function_tool
from agents.tracing import set_trace_processors
from agents.tracing.processors import BackendSpanExporter, BatchTraceProcessor
from openai import AsyncOpenAI

from application import FACTS, MODEL, SESSION, get_weather

exporter = BackendSpanExporter(
    api_key=os.environ["AGENSIGHT_TOKEN"],
    endpoint=f"{os.environ['AGENSIGHT_ENDPOINT']}/v1/traces/ingest",
)
processor = BatchTraceProcessor(exporter)
set_trace_processors([processor])


@function_tool(name_override=FACTS["tool"]["name"])
def weather(city: str) -> dict:
    return get_weather(city)


agent = Agent(
    name="weather",
    instructions=FACTS["system"],
    tools=[weather],
    model=OpenAIChatCompletionsModel(MODEL, AsyncOpenAI(max_retries=0)),
)
config = RunConfig(workflow_name="weather", group_id=SESSION)
asyncio.run(Runner.run(agent, FACTS["question"], run_config=config))
processor.shutdown()
