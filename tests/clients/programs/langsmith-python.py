from langsmith import Client, traceable
from langsmith.wrappers import wrap_openai
from openai import OpenAI

from application import SESSION, USER, get_weather, weather_agent

run_tool = traceable(run_type="tool", name="get_weather")(get_weather)
agent = traceable(name="weather", metadata={"session_id": SESSION, "user_id": USER})

agent(weather_agent)(wrap_openai(OpenAI(max_retries=0)), run_tool)
Client().flush()
