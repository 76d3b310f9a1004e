# The lab as an image: the static program, and Python for moto, which answers for the services that the lab does not model.
# The folder that is built from holds the program `switchyard-lab` and nothing else (docs/lab.md). Not built yet by anybody.
FROM python:3.13-slim-bookworm
COPY switchyard-lab /usr/local/bin/switchyard-lab
ENV SWITCHYARD_LAB_HOME=/var/lib/switchyard-lab
RUN ["switchyard-lab", "moto", "install"]
USER nobody
# It listens on loopback only, so it is run with the network of the host: docker run --rm --network host IMAGE
ENTRYPOINT ["switchyard-lab"]
CMD ["--port", "4599"]
