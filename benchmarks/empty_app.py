"""A WSGI application that does nothing, to measure the overhead of gunicorn itself."""

ANSWER = b'{"label": "positive"}'


def application(environ, start_response):
    environ["wsgi.input"].read()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))]
    start_response("200 OK", headers)
    return [ANSWER]
