"""An agent of the original SDK for Python: a planner asks for a tool, the tool runs, a writer answers."""

import json
import os

# The module that `agensight python` prints, before the SDK.
import agensight_endpoint
import agensight
from agensight import span, trace
from openai import OpenAI

agensight.init(name="weather", mode="prod", token=os.environ["AGENSIGHT_TOKEN"])
client = OpenAI(max_retries=0)

TOOL = {
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


@span(name="get_weather")
def get_weather(city):
    return json.dumps({"city": city, "celsius": 27})


@span(name="planner")
def planner(messages):
    tools = [{"type": "function", "function": TOOL}]
    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, tools=tools)


@span(name="writer")
def writer(messages):
    return client.chat.completions.create(model="gpt-4o-mini", messages=messages)


@trace(
    name="agent",
    session={"id": os.environ["TEST_SESSION"], "name": "support", "user_id": os.environ["TEST_USER"]},
)
def main():
    messages = [
        {"role": "system", "content": os.environ["TEST_SYSTEM"]},
        {"role": "user", "content": os.environ["TEST_QUESTION"]},
    ]
    message = planner(messages).choices[0].message
    calls = [call.model_dump() for call in message.tool_calls]
    messages.append({"role": "assistant", "content": None, "tool_calls": calls})
    for call in message.tool_calls:
        output = get_weather(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": output})
    return writer(messages).choices[0].message.content


print(main())
