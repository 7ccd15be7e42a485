# One image for the scheduled batch. Nothing is fetched at run time: the encoder comes with its package.
FROM python:3.11-slim

RUN useradd --create-home --uid 10001 atlas
WORKDIR /opt/guidance-atlas
COPY pyproject.toml constraints.txt README.md ./
COPY sql sql
COPY src src
# With [dp]: a container without a network cannot fetch it when a public export is asked for.
RUN pip install --no-cache-dir --constraint constraints.txt ".[dp,openvino]"
USER atlas
ENTRYPOINT ["guidance-atlas"]
CMD ["--help"]
