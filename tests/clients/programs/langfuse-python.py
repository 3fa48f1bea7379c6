from langfuse import get_client, observe, propagate_attributes
from langfuse.openai import OpenAI

from application import SESSION, USER, get_weather, weather_agent

run_tool = observe(get_weather, name="get_weather", as_type="tool")
agent = observe(weather_agent, name="weather", as_type="agent")

with propagate_attributes(session_id=SESSION, user_id=USER):
    agent(OpenAI(max_retries=0), run_tool)
get_client().flush()
