# The service as an image: built here, packed, and run by a user without rights on files that nobody can change.
# docs/deploy.md says how to build it, and how to run it.
ARG NODE=24.22.3-bookworm-slim

FROM node:${NODE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY client/package.json client/
COPY settings/package.json settings/
COPY console/package.json console/
RUN npm ci
COPY . .
ARG SOURCE_DATE_EPOCH=0
RUN SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH npm run -s pack -- /app

FROM node:${NODE}
# a process that is broken into finds no package manager
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
    /usr/local/bin/yarn /usr/local/bin/yarnpkg \
  && install -d -o 10001 -g 10001 -m 700 /data /erasures
COPY --from=build /app /app
WORKDIR /app
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    DATA_DIR=/data \
    GLIBC_TUNABLES=glibc.malloc.hugetlb=1
USER 10001:10001
VOLUME /data /erasures
EXPOSE 3000
# Node itself, so that it gets the signals
ENTRYPOINT ["node", "--enable-source-maps", "--v8-pool-size=0", "--max-semi-space-size=32"]
CMD ["dist/main.js"]
