# One image for web, worker and commands; docker-compose.yml says which is which.
FROM python:3.11-slim AS packages
COPY requirements.txt /
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /requirements.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /srv/supportdesk --shell /usr/sbin/nologin supportdesk \
 && install -d -o supportdesk -g supportdesk /srv/supportdesk/var /srv/supportdesk/var/media
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/supportdesk
COPY . .
# The key is for this command only: a real one never becomes part of the image.
RUN SECRET_KEY=for-collecting-static-files-only DEMO=false python manage.py collectstatic --noinput --verbosity 0
USER supportdesk
EXPOSE 8000
CMD ["gunicorn", "supportdesk.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "8", "--timeout", "60", "--worker-tmp-dir", "/dev/shm", \
     "--no-control-socket", "--forwarded-allow-ips", "*"]
