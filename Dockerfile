# BoPS for production: one image for the web server, the worker and the due work (compose.yaml shows the three).
# site/ is a source root, so it stands on PYTHONPATH before the repository itself.

FROM node:22-slim AS front-end
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim AS bops
ENV PYTHONPATH=/app/site:/app \
    DJANGO_SETTINGS_MODULE=config.settings \
    PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/app/collected \
    BOPS_LOCAL_DIR=/var/lib/bops
# WeasyPrint's libraries, and typefaces for the PDF documents: every script in which people write their names.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig \
        fonts-liberation fonts-noto-core fonts-wqy-microhei fonts-symbola \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /home/bops bops \
    && install -d -o bops -g bops /var/lib/bops
WORKDIR /app
COPY requirements.lock requirements-build.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && uv pip install --system --no-cache --require-hashes --no-build-isolation -r requirements.lock \
    && pip uninstall --yes --quiet uv
COPY . .
COPY --from=front-end /app/node_modules node_modules
# Neither value is used beyond this line: static files are collected without a database.
RUN python bin/build_static.py \
    && rm -rf node_modules \
    && SECRET_KEY=for-this-line-only DATABASE_URL=postgres://nobody@localhost/none \
       bin/manage collectstatic --noinput --verbosity 0 \
    && python -m compileall -q cases notices home site
USER bops
VOLUME /var/lib/bops
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--timeout", "60", "--access-logfile", "-", "--max-requests", "2000", "--max-requests-jitter", "200"]
