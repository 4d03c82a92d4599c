# One image for every role: peer (default), issuer, registry, wallet. Needs no network once built.
# `node:24` is the version line that package.json pins; pin digests where builds have to repeat. All stages are Debian
# bookworm, so that the addon finds the glibc it was built for.

# The native engine, made by the script that `npm ci` runs.
FROM rust:1-slim-bookworm AS native
COPY --from=node:24-bookworm-slim /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY native native
RUN ZKBAZAAR_NATIVE=required node native/build.mjs

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are Node's own binaries, which this image has; the native parts of the others come prebuilt and
# ours comes from the stage above, so no install script runs.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && npm cache clean --force

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    ZKBAZAAR_DATA_DIR=/data
# Volumes that are mounted here for the first time take owner and mode over; looser modes are refused by the node.
RUN install -d -o 1000 -g 1000 -m 0700 /data /network
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE README.md ./
COPY --from=native /app/native/*.node /app/native/build-status.json native/
COPY circuits circuits
COPY proofs proofs
COPY src src
# `node` of the base image, by number: a host or an orchestrator can check that it is not root.
USER 1000:1000
VOLUME ["/data"]
# REST (only on 127.0.0.1 of the container unless told otherwise), peers over TCP, peers over WebSockets.
EXPOSE 4380 4390 4391
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4380/v1/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/src/cli/launcher.mjs"]
CMD ["start"]
