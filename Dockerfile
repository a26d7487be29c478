FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /app

# Packages first: their layer stays when only our own files change.
COPY package.json package-lock.json .npmrc ./
# Without the optional packages, the embedded PostgreSQL: here the database is a container of its own.
RUN npm ci --omit=dev --omit=optional && npm cache clean --force

COPY emails emails
COPY samples samples
COPY sql sql
COPY src src
# A checkout made under a strict umask would be closed to the user below, who may read everything here and write nothing.
RUN chmod -R a+rX emails samples sql src package.json

USER node
EXPOSE 3000
ENTRYPOINT ["node", "src/cli.ts"]
CMD ["web"]
