# The local server as a container:
#   docker build -t label-on-upload . && docker run -p 127.0.0.1:8000:8000 -v labels:/data label-on-upload
# The first start fetches the published weights into /data. Mount your own to start without a network:
#   -v ./weights:/weights:ro -e MODEL_WEIGHTS=/weights/weights.h5 -e MODEL_LABELS=/weights/imagenet_class_index.json
FROM node:24-bookworm-slim AS package
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm pack --pack-destination /tmp
# The Node that the package brings for older ones is not needed here.
RUN npm install --global --prefix /app /tmp/label-on-upload-*.tgz && rm -r /app/lib/node_modules/label-on-upload/node_modules/node-linux-*

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 DATA_DIR=/data/jobs MODEL_CACHE=/data/model
RUN install --directory --owner=node --group=node /data
COPY --from=package /app /app
# The user "node" by its number, which Kubernetes can tell from root's.
USER 1000
VOLUME /data
EXPOSE 8000
# Loading the model takes a second or two; fetching it the first time takes longer.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}${process.env.BASE_PATH ?? ''}/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["/app/bin/label-on-upload", "serve"]
