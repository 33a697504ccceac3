"""The least that a WSGI server can be asked: what gunicorn itself costs."""

ANSWER = b'{"label": "positive"}'


def application(environ, start_response):
    environ["wsgi.input"].read()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))]
    start_response("200 OK", headers)
    return [ANSWER]
