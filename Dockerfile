# The local server as a container:
#   docker build -t label-on-upload . && docker run -p 127.0.0.1:8000:8000 -v labels:/data label-on-upload
# The first start fetches the published weights into /data. Mount your own to start without a network:
#   -v ./weights:/weights:ro -e MODEL_WEIGHTS=/weights/weights.h5 -e MODEL_LABELS=/weights/imagenet_class_index.json
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# onnxruntime-node brings the libraries of every platform; a container needs those of Linux.
RUN npm ci --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/onnxruntime-node/bin/napi-v*/darwin node_modules/onnxruntime-node/bin/napi-v*/win32

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 DATA_DIR=/data/jobs MODEL_CACHE=/data/model
WORKDIR /app
RUN install --directory --owner=node --group=node /data
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY client client
COPY functions functions
COPY layers layers
COPY local local
COPY web web
USER node
VOLUME /data
EXPOSE 8000
# Loading the model takes a second or two; fetching it the first time takes longer.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}${process.env.BASE_PATH ?? ''}/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# As "npm start" does, without npm in between: signals reach the server itself.
CMD ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=4", "local/main.ts"]
