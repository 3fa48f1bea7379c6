import { defineCommand } from '../shell/command.ts';

/**
 * The module that sends the records of the original Python SDK to another server. The address of that
 * SDK is fixed in its source, and it opens a connection for each record; all these share one. A request
 * is repeated once, when its connection was closed or took too long: each record has an id of its own,
 * so a repetition changes nothing.
 */
const MODULE = `"""Sends what the SDK agensight for Python records to AGENSIGHT_ENDPOINT.

Import it before agensight, or name it sitecustomize.py in a folder on PYTHONPATH.
"""

import os

if os.environ.get("AGENSIGHT_ENDPOINT"):
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    HOST = ".execute-api.ap-south-1.amazonaws.com"
    post_elsewhere = requests.post

    def open_session():
        global session
        session = requests.Session()
        adapter = HTTPAdapter(max_retries=Retry(total=1, allowed_methods=None, redirect=0))
        session.mount("http://", adapter)
        session.mount("https://", adapter)

    def post(url, *args, **options):
        stage, is_agensight, path = str(url).partition(HOST)
        if not is_agensight or not path.startswith(("/prod/api/v1/", "/dev/api/v1/")):
            return post_elsewhere(url, *args, **options)
        url = os.environ["AGENSIGHT_ENDPOINT"].rstrip("/") + path
        return session.post(url, *args, **options)

    open_session()
    # A process must not use the connection of its parent.
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=open_session)
    requests.post = post`;

export const python = defineCommand({
  name: 'python',
  summary: 'print the module that points the SDK for Python to your endpoint',
  args: '',
  maxArgs: 0,
  help: `
Prints a Python module: agensight for Python (PyPI) has no option for the address
of its server. With the module imported first, or on PYTHONPATH as
sitecustomize.py, the SDK sends to AGENSIGHT_ENDPOINT. Your program keeps its
code, with mode="prod" and your token:

  npx agensight python > agensight_endpoint.py`,
  options: {},
  run: async ({ values, out }) => {
    await out.print(values.json ? JSON.stringify({ module: MODULE }) : MODULE);
    return true;
  },
});
