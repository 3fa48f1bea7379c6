from openai import OpenAI
from traceloop.sdk import Traceloop
from traceloop.sdk.decorators import tool, workflow

from application import SESSION, USER, get_weather, weather_agent

Traceloop.init(app_name="weather", disable_batch=True)

Traceloop.set_association_properties({"session_id": SESSION, "user_id": USER})
run_tool = tool(name="get_weather")(get_weather)
agent = workflow(name="weather")(weather_agent)
agent(OpenAI(max_retries=0), run_tool)
