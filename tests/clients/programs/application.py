"""The application that each client in Python watches: an agent with a tool, a streamed answer, a refusal."""

import json
import os

import openai

SESSION = os.environ["TEST_SESSION"]
USER = os.environ["TEST_USER"]
FACTS = json.loads(os.environ["TEST_FACTS"])
MODEL = FACTS["model"]

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": FACTS["tool"]["name"],
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]


def get_weather(city: str) -> dict:
    return FACTS["tool"]["output"]


def weather_agent(client, run_tool, step=lambda run: run()):
    """`step` runs a part of the agent, for clients that want to know about parts."""
    completions = client.chat.completions
    messages = [
        {"role": "system", "content": FACTS["system"]},
        {"role": "user", "content": FACTS["question"]},
    ]
    asked = completions.create(model=MODEL, messages=messages, tools=TOOLS)
    message = asked.choices[0].message
    call = message.tool_calls[0]
    output = run_tool(**json.loads(call.function.arguments))
    result = {
        "role": "tool",
        "tool_call_id": call.id,
        "content": json.dumps(output, ensure_ascii=False, separators=(",", ":")),
    }
    # A new list: some clients read the messages of a call only after it.
    requested = {"role": "assistant", "content": None, "tool_calls": [call.model_dump()]}
    answered = completions.create(
        model=MODEL, messages=[*messages, requested, result], tools=TOOLS
    )
    answer = answered.choices[0].message.content

    def advise():
        stream = completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": f"{FACTS['nextQuestion']} {answer}"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        for _ in stream:
            pass

    step(advise)
    try:
        completions.create(model=MODEL, messages=[{"role": "user", "content": FACTS["refused"]}])
    except openai.BadRequestError:
        pass
    return answer
