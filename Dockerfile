# syntax=docker/dockerfile:1

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY sdk/package.json sdk/
COPY demo/package.json demo/
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Exactly what the running product loads; no compilers, no browsers, no second Node.
RUN npm ci --omit=dev --workspaces=false && npm cache clean --force
COPY bin bin
COPY collector collector
COPY schema schema
COPY --from=build /src/dist dist
RUN mkdir /data && chown node:node /data
USER node
# On loopback nobody outside of the container would reach it; elsewhere it asks for a login and for keys.
ENV SPANHOUSE_HOST=0.0.0.0 SPANHOUSE_DATA_DIR=/data
VOLUME /data
EXPOSE 4317 4318 4319
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
	CMD ["node", "-e", "fetch('http://127.0.0.1:4319/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=4", "bin/spanhouse.js"]
CMD ["serve"]
