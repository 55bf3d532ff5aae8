# Spiral Dash for a class: docs/hosting.md. Two stages: what builds the wheel stays behind.
ARG BASE=python:3.13-slim-trixie

FROM ${BASE} AS build
# The CPU build of torch is enough, and spares several GB; "" takes what the package index has.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /src
COPY requirements.txt ./
RUN python3 -m venv --without-pip /opt/lab \
    && python3 -m venv /opt/pip \
    && PIP_EXTRA_INDEX_URL="${TORCH_INDEX}" /opt/pip/bin/pip --python /opt/lab/bin/python \
        install --no-cache-dir -r requirements.txt
COPY . .
RUN /opt/pip/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /tmp/dist . \
    && /opt/pip/bin/pip --python /opt/lab/bin/python install --no-cache-dir --no-deps /tmp/dist/*.whl \
    && cd /opt/lab/lib/python3*/site-packages \
    && rm -rf torch/include torch/test pandas/tests pyarrow/include pyarrow/tests \
    && find torch/bin -type f ! -name torch_shm_manager -delete

FROM ${BASE}
COPY --from=build /opt/lab /opt/lab
# A broken image fails here, and not in front of a class.
RUN /opt/lab/bin/python -c "import spiral_dash.web.app, spiral_dash.live.forkserver" \
    && useradd --system --uid 10001 --home-dir /tmp --shell /usr/sbin/nologin lab \
    && install -d -o 10001 /state
USER 10001
ENV HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    SPIRAL_DASH_HOST=0.0.0.0 SPIRAL_DASH_NO_BROWSER=1 SPIRAL_DASH_STATE_DIR=/state
WORKDIR /tmp
VOLUME /state
EXPOSE 8050
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["/opt/lab/bin/python", "-c", \
    "import json, urllib.request as u; a = json.load(u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:8050/healthz', timeout=4)); raise SystemExit(a['service'] != 'spiral-dash' or a['status'] != 'ok')"]
ENTRYPOINT ["/opt/lab/bin/spiral-dash"]
CMD ["serve"]
